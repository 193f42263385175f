//! Events whose stored type is not the name of a variant: retired event types, and event types that the event enum does
//! not declare.

mod read;
mod retired;
mod unknown_event;
mod upcast;

pub use read::{OtherType, ReadEventError, same_variant};
pub(crate) use read::{read_event, wrong_variant};
pub use retired::{Retired, retired};
pub use unknown_event::UnknownEvent;
pub use upcast::{ConversionFailed, RetiredPayload, UpcastFrom};
