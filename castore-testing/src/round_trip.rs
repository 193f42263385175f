use castore_core::event::{Event, check_payload};

/// Asserts that an event does not change when it is written as JSON and read again.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # use castore::testing::assert_round_trip;
/// # fn main() {
/// assert_round_trip(PokemonEvent::Appeared { name: "Pikachu".into(), level: 5 });
/// # }
/// ```
///
/// Not every value that serde can write is read as the same value: `Some(None)` is read as `None`, and JSON has no NaN.
/// A push in a debug build makes the same check for each event and its metadata. Use this function for events that no
/// test pushes, and for extreme values, such as empty texts, `None` and the largest numbers.
///
/// ```should_panic
/// # use castore::prelude::*;
/// # use castore::testing::assert_round_trip;
/// #[derive(Debug, Clone, Event)]
/// enum ProfileEvent {
///     // `None` leaves the nickname as it is, and `Some(None)` removes it.
///     Edited { nickname: Option<Option<String>> },
/// }
///
/// assert_round_trip(ProfileEvent::Edited { nickname: Some(None) });
/// ```
///
/// # Panics
/// If the event cannot be written, cannot be read, or is read as another value.
#[track_caller]
pub fn assert_round_trip<E: Event>(event: E) {
    if let Err(error) = check_payload(&event) {
        panic!("an event of type {} cannot be stored: {error}", event.type_name());
    }
}
