//! Messages in the format of SQS: body and attributes, and for FIFO queues also group id and deduplication id.

mod ids;
mod outgoing;
mod read;

pub(crate) use ids::Run;
pub(crate) use outgoing::{Outgoing, REPLAY};
pub(crate) use read::{Decode, Unread, decode, is_replay, read};
pub use read::{MalformedMessageError, ReadMessageError};
