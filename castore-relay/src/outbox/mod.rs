//! From events of the log to messages on the channel.

mod call;
mod channel;
mod folding;
mod last_used;
mod source;

pub(crate) use call::{Call, Failure};
pub(crate) use channel::{ChannelOutbox, Outbox};
pub use source::RelayedOn;
pub(crate) use source::{RelayedStore, Source};
