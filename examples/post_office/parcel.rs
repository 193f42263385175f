//! A parcel, from its acceptance to its delivery: the domain of the broker examples.

use castore::prelude::*;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ParcelEvent {
    Sent { to: String },
    Weighed { grams: u32 },
    Delivered,
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "PARCELS", event = ParcelEvent)]
pub struct Parcel {
    pub to: String,
    pub delivered: bool,
}

impl Reducer for Parcel {
    fn reduce(parcel: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(match (parcel, &event.payload) {
            (None, ParcelEvent::Sent { to }) => Parcel { to: to.clone(), delivered: false },
            (Some(parcel), ParcelEvent::Weighed { .. }) if !parcel.delivered => parcel,
            (Some(parcel), ParcelEvent::Delivered) if !parcel.delivered => Parcel { delivered: true, ..parcel },
            (_, _) => return Err(event.unexpected()),
        })
    }
}

/// The events of which recipients are notified: all events except `Weighed`.
#[derive(Debug, Clone, EventSubset)]
#[event_subset(of = ParcelEvent)]
pub enum ToldEvent {
    Sent { to: String },
    Delivered,
}

/// Sends a parcel, weighs it and delivers it.
pub async fn send_parcel(parcels: &impl Store<Parcel>, id: &str, to: &str) -> Result<(), PushEventError> {
    parcels.push_event(NewEvent::new(id, 1, ParcelEvent::Sent { to: to.to_owned() })).await?;
    parcels.push_event(NewEvent::new(id, 2, ParcelEvent::Weighed { grams: 250 })).await?;
    parcels.push_event(NewEvent::new(id, 3, ParcelEvent::Delivered)).await?;
    Ok(())
}
