//! The second version: parcels have a weight, and stamping is called a check-in.

use castore::prelude::*;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ParcelEvent {
    #[event(type = "SENT_V2", from("SENT" = SentV1))]
    Sent {
        to: String,
        grams: u32,
    },
    // Only the event type has a new name. The payload is unchanged.
    #[event(from("STAMPED"))]
    CheckedIn {
        office: String,
    },
    Closed {
        problem: Option<String>,
    },
}

#[derive(Deserialize)]
struct SentV1 {
    to: String,
}

impl From<SentV1> for ParcelEvent {
    fn from(old: SentV1) -> Self {
        Self::Sent { to: old.to, grams: 1000 }
    }
}

#[event_store(id = "PARCELS", event = ParcelEvent)]
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    pub to: String,
    pub grams: u32,
}

impl Reducer for Parcel {
    fn reduce(parcel: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (parcel, &event.payload) {
            (None, ParcelEvent::Sent { to, grams }) => Ok(Self { to: to.clone(), grams: *grams }),
            (Some(parcel), ParcelEvent::CheckedIn { .. } | ParcelEvent::Closed { .. }) => Ok(parcel),
            _ => Err(event.unexpected()),
        }
    }
}
