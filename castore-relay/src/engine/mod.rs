//! The publishing engine, which publishes stored events on a channel and keeps the order of each aggregate.
//!
//! [`Relay`](crate::Relay), the relay of castore-dynamodb and the Lambda handler of castore-dynamodb share the engine.
//! Each of them implements the trait [`Progress`] in its own way. The implementation determines where the progress is
//! stored, and what happens during an outage. This module is hidden: its API may change without a new major version.

mod backoff;
mod batch;
mod call;
mod call_size;
mod channel;
mod folding;
mod message_source;
mod option_setters;
mod options;
mod panics;
mod parked_changes;
mod progress;
mod publishable_store;
mod publisher;
mod rejection;
mod round;
mod status;

pub use backoff::{Backoff, delay};
pub use batch::Batch;
pub use call::{CallOutcome, Failure};
pub use channel::{ChannelOutbox, Outbox};
pub use message_source::MessageSource;
pub use options::RelayOptions;
pub use panics::{catch_panic, catch_panic_now};
pub use parked_changes::ParkedChanges;
pub use progress::{Outage, Progress};
pub use publishable_store::{MakeSource, PublishableStore, publishable_store};
pub use publisher::Publisher;
pub use rejection::Rejection;
pub use status::StatusSender;
