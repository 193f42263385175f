//! From stored events to messages on a channel, in the order of each aggregate.

mod call;
mod channel;
mod delivery;
mod panics;
mod source;

pub(crate) use call::{Call, Failure};
pub(crate) use channel::{ChannelOutbox, Outbox, PublishedStore, check_stores};
pub(crate) use delivery::{Always, BeforeCall, Delivery, Refused};
pub use source::PublishedOn;
