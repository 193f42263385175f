//! The runtime of [castore](https://docs.rs/castore): use that crate, which re-exports this one.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod aggregate;
mod event;
mod event_sourced;
mod in_memory;
pub mod storage;
mod text;
mod time;

pub use aggregate::Aggregate;
pub use event::{
    DecodeEventError, DecodeEventProblem, Event, EventDetail, EventOf, EventPayload, EventType, NewEvent,
    ParseEventTypeError,
};
pub use event_sourced::{AggregateId, EventSourced, IntoAggregateId, Metadata, NoMetadata, ReduceError, Reducer};
pub use in_memory::InMemoryEventStorageAdapter;
pub use time::{Clock, ParseTimestampError, SystemClock, Timestamp};

/// What generated code calls. Not for use: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::event::{MissingEvent, assert_payload, parse_event_type};
    pub use crate::event_type_text;
    pub use crate::text::deserialize_text;
    pub use serde;
    pub use std::string::String;
    pub use std::sync::Arc;
}
