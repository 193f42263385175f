//! Messages in the form of SQS: body, attributes, and the group id and deduplication id of FIFO queues.

mod ids;
mod outgoing;
mod read;

pub(crate) use ids::Run;
pub(crate) use outgoing::{Outgoing, REPLAY};
pub(crate) use read::{Decode, Unread, decode, is_replay, read};
pub use read::{MalformedMessageError, ReadMessageError};
