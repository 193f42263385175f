//! Which messages a consumer has handled: remembered in the transaction in which it handles them.

mod error;
mod sqlite_inbox;

pub use error::{InboxError, InvalidTableName};
pub use sqlite_inbox::SqliteInbox;
