//! Which messages a consumer has handled: remembered in the transaction in which it handles them.

mod error;
mod postgres_inbox;

pub use error::InboxError;
pub use postgres_inbox::PostgresInbox;
