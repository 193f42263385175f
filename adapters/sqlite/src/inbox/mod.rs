//! The inbox: a record of the messages that a consumer has handled, written in the transaction of the handler.

mod error;
mod rules;
mod sqlite_inbox;

pub use error::InboxError;
pub use sqlite_inbox::SqliteInbox;
