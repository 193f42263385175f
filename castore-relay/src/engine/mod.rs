//! The publishing engine: publishes stored events on a channel, in the order of each aggregate.
//!
//! [`Relay`](crate::Relay), the relay of castore-dynamodb and its Lambda handler share the engine. Their differences
//! are behind the trait [`Progress`]: where they store the position of the last published event, and what they do
//! during an outage. This module is hidden: its API changes without a new major version.

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
