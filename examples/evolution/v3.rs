//! The third version: an address has parts, check-ins are no longer pushed, and events of newer programs can be read.

use castore::event::{Retired, UnknownEvent};
use castore::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ParcelEvent {
    // The conversion from `SentV1` to `SentV2` is unchanged since the second version.
    #[event(type = "SENT_V3", from("SENT" = SentV1 => SentV2, "SENT_V2" = SentV2))]
    Sent(Sent),
    #[event(from("STAMPED"))]
    CheckedIn(Retired<CheckedIn>),
    Closed {
        problem: Option<String>,
    },
    #[event(other)]
    Unknown(UnknownEvent),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    pub to: Address,
    pub grams: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Address {
    pub name: String,
    pub city: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckedIn {
    pub office: String,
}

#[derive(Deserialize)]
pub struct SentV1 {
    to: String,
}

#[derive(Deserialize)]
pub struct SentV2 {
    to: String,
    grams: u32,
}

impl From<SentV1> for SentV2 {
    fn from(old: SentV1) -> Self {
        Self { to: old.to, grams: 1000 }
    }
}

/// The conversion fails for an address without a comma, so such an event cannot be read. The error names the event, but
/// does not contain the address.
impl TryFrom<SentV2> for Sent {
    type Error = ();

    fn try_from(old: SentV2) -> Result<Self, ()> {
        let (name, city) = old.to.split_once(", ").ok_or(())?;
        Ok(Self { to: Address { name: name.to_owned(), city: city.to_owned() }, grams: old.grams })
    }
}

#[event_store(id = "PARCELS", event = ParcelEvent)]
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    pub city: String,
    pub grams: u32,
}

impl Reducer for Parcel {
    fn reduce(parcel: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (parcel, &event.payload) {
            (None, ParcelEvent::Sent(sent)) => Ok(Self { city: sent.to.city.clone(), grams: sent.grams }),
            (
                Some(parcel),
                // The reducer decides what an unknown event means. In this version, it does not change the parcel.
                ParcelEvent::CheckedIn(_) | ParcelEvent::Closed { .. } | ParcelEvent::Unknown(_),
            ) => Ok(parcel),
            _ => Err(event.unexpected()),
        }
    }
}
