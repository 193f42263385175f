//! The fourth version: the event `CLOSED` is split into two events, for delivered and for returned parcels.

use castore::event::{Retired, UnknownEvent};
use castore::prelude::*;
use serde::Deserialize;

pub use crate::v3::{CheckedIn, Sent, SentV1, SentV2};

// A stored `CLOSED` becomes one of two events, so `from(…)` is on the enum instead of on a variant.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE", from("CLOSED" = Closed))]
pub enum ParcelEvent {
    #[event(type = "SENT_V3", from("SENT" = SentV1 => SentV2, "SENT_V2" = SentV2))]
    Sent(Sent),
    #[event(from("STAMPED"))]
    CheckedIn(Retired<CheckedIn>),
    Delivered,
    Returned {
        problem: String,
    },
    #[event(other)]
    Unknown(UnknownEvent),
}

#[derive(Deserialize)]
struct Closed {
    problem: Option<String>,
}

impl From<Closed> for ParcelEvent {
    fn from(old: Closed) -> Self {
        match old.problem {
            Some(problem) => Self::Returned { problem },
            None => Self::Delivered,
        }
    }
}

#[event_store(id = "PARCELS", event = ParcelEvent)]
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    pub city: String,
    pub grams: u32,
    pub is_delivered: bool,
    pub returned_because: Option<String>,
}

impl Reducer for Parcel {
    fn reduce(parcel: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (parcel, &event.payload) {
            (None, ParcelEvent::Sent(Sent { to, grams })) => {
                Ok(Self { city: to.city.clone(), grams: *grams, is_delivered: false, returned_because: None })
            }
            (Some(parcel), ParcelEvent::Delivered) => Ok(Self { is_delivered: true, ..parcel }),
            (Some(parcel), ParcelEvent::Returned { problem }) => {
                Ok(Self { returned_because: Some(problem.clone()), ..parcel })
            }
            (Some(parcel), ParcelEvent::CheckedIn(_) | ParcelEvent::Unknown(_)) => Ok(parcel),
            _ => Err(event.unexpected()),
        }
    }
}

#[cfg(test)]
mod tests {
    use castore::testing::{given, retired};

    use super::*;
    use crate::v3::Address;

    #[test]
    fn check_in_of_the_past_changes_nothing() {
        let to = Address { name: "Ada".to_owned(), city: "London".to_owned() };
        given::<Parcel>([ParcelEvent::Sent(Sent { to, grams: 100 })])
            // Only tests can create a retired payload: other code cannot push such an event.
            .when(ParcelEvent::CheckedIn(retired(CheckedIn { office: "Soho".to_owned() })))
            .then(Parcel { city: "London".to_owned(), grams: 100, is_delivered: false, returned_because: None });
    }
}
