//! Events: their declaration, their stored form, and the conversion between these two forms.

mod decode;
mod decode_error;
mod detail;
mod encode;
mod encode_error;
mod event_of;
mod event_type;
mod evolution;
mod new_event;
mod payload;
mod rejected_mirror;
mod round_trip;
mod sample;
mod stored_event;
pub(crate) mod tagged;
mod type_name;
mod undeclared;

pub use decode_error::{DecodeEventError, DecodeEventProblem};
pub use detail::EventDetail;
pub use encode_error::EncodeEventError;
pub use event_of::EventOf;
pub use event_type::{Event, EventType, MissingEvent, ParseEventTypeError, parse_event_type};
pub use evolution::{Retired, RetiredPayload, UnknownEvent, UpcastFrom};
#[doc(hidden)]
pub use new_event::EventOrigin;
pub use new_event::{NewEvent, PreviousAggregate};
pub use payload::{EventPayload, is_payload};
#[doc(hidden)]
pub use rejected_mirror::RejectedMirror;
pub use stored_event::StoredEvent;

pub(crate) use event_type::{is_named, stored_name, stored_names};

#[doc(hidden)]
pub use decode::decode;
#[doc(hidden)]
pub use encode::{encode, encode_and_read};
#[doc(hidden)]
pub use evolution::{ConversionFailed, OtherType, ReadEventError, retired, same_variant};
#[doc(hidden)]
pub use round_trip::check_payload;
#[doc(hidden)]
pub use sample::{check_payload_text, payload_text};
#[doc(hidden)]
pub use undeclared::encode_with_undeclared;
