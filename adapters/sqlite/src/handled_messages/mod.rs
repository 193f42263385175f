//! Which messages a consumer has handled: remembered in the transaction in which it handles them.

mod error;
mod sqlite_handled_messages;

pub use error::{HandledMessagesError, InvalidTableName};
pub use sqlite_handled_messages::SqliteHandledMessages;
