use castore_core::event::Retired;

/// Creates the payload of a retired event type. A program still reads events of such a type, but no longer pushes them.
///
/// ```
/// use castore::event::Retired;
/// use castore::prelude::*;
/// use castore::testing::{given, retired};
///
/// # #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
/// # struct Dropped { at: String }
/// #[derive(Debug, Clone, PartialEq, Event)]
/// enum ParcelEvent {
///     Dropped(Retired<Dropped>),
///     Found,
/// }
///
/// # #[event_store(id = "PARCELS", event = ParcelEvent)]
/// # #[derive(Debug, Clone, PartialEq)]
/// # struct Parcel { is_lost: bool }
/// # impl Reducer for Parcel {
/// #     fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
/// #         Ok(Self { is_lost: matches!(event.payload, ParcelEvent::Dropped(_)) })
/// #     }
/// # }
/// given::<Parcel>([ParcelEvent::Dropped(retired(Dropped { at: "the river".into() }))])
///     .when(ParcelEvent::Found)
///     .then(Parcel { is_lost: false });
/// ```
pub fn retired<T>(payload: T) -> Retired<T> {
    castore_core::event::retired(payload)
}
