//! The contracts of [castore](https://docs.rs/castore): events, messages, message channels, and the traits that
//! adapters for storages and brokers implement.
//!
//! Adapters depend on this crate. Applications use the crate `castore`, which re-exports the contents of this crate.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod aggregate;
pub mod channel;
mod checked;
mod const_text;
pub mod consumer;
pub mod context;
pub mod describe;
pub mod error;
pub mod event;
pub mod event_sourced;
pub mod event_store;
pub mod future;
mod hash;
pub mod inbox;
pub mod json;
pub mod log;
pub mod message;
pub mod metrics;
mod reject_values;
pub mod relay;
pub mod service;
pub mod snapshot;
pub mod storage;
pub mod task;
mod text;
pub mod time;
pub mod wiring;

/// Items that generated code uses. They are not part of the public API and may change without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::__probe as probe;
    pub use crate::channel::{
        ChannelCore, ChannelSource, NotCreated, assert_channel_kind, assert_distinct_id, assert_state_is_object,
    };
    pub use crate::checked::{Check, Checked, CheckedType, is_event_store, is_event_store_or_event};
    pub use crate::consumer::clone_of;
    pub use crate::describe::{Described, Probe, Unprobed, state_shape};
    pub use crate::event::{
        MissingEvent, OtherType, ReadEventError, RejectedMirror, UpcastFrom, is_payload, parse_event_type, same_variant,
    };
    pub use crate::event_sourced::{AcceptsMetadata, GivenMetadata, is_aggregate_id, is_metadata, is_state};
    pub use crate::message::{MessageBody, SourceVisitor, deserialize_channel_message, serialize_channel_message};
    pub use crate::text::deserialize_text;
    pub use crate::wiring::checks::*;
    pub use crate::wiring::{ChannelEntry, ConsumerEntry, ReadModelEntry, RelayEntry, StoreEntry, WiredEventStore};
    pub use serde;
    pub use std::string::String;
    pub use std::sync::{Arc, OnceLock};
}
