//! The first version of the program, with three event types.

use castore::prelude::*;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ParcelEvent {
    Sent { to: String },
    Stamped { office: String },
    Closed { problem: Option<String> },
}

#[event_store(id = "PARCELS", event = ParcelEvent)]
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    pub to: String,
}

impl Reducer for Parcel {
    fn reduce(parcel: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (parcel, &event.payload) {
            (None, ParcelEvent::Sent { to }) => Ok(Self { to: to.clone() }),
            (Some(parcel), ParcelEvent::Stamped { .. } | ParcelEvent::Closed { .. }) => Ok(parcel),
            _ => Err(event.unexpected()),
        }
    }
}
