//! A message as SQS carries it: body, attributes, and on FIFO queues the ids of its group and of itself.

mod ids;
mod outgoing;
mod read;

pub(crate) use ids::Run;
pub(crate) use outgoing::{Outgoing, REPLAY};
pub(crate) use read::{Decode, decode, is_replay, read};
pub use read::{MalformedMessageError, ReadMessageError};
