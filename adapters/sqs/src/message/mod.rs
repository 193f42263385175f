//! A message as SQS carries it: body, attributes, and on FIFO queues the ids of its group and of itself.

mod ids;
mod outgoing;
mod read;

pub(crate) use ids::{About, Run};
pub(crate) use outgoing::{Outgoing, REPLAY};
pub use read::MalformedMessageError;
pub(crate) use read::{Decode, Unread, decode, is_replay, read};
