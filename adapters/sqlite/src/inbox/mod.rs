//! The inbox: which messages a consumer has handled, recorded in the transaction in which it handles them.

mod error;
mod rules;
mod sqlite_inbox;

pub use error::InboxError;
pub use sqlite_inbox::SqliteInbox;
