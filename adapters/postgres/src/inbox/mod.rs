//! The inbox: which messages a consumer has handled, recorded in the transaction in which it handles them.

mod error;
mod postgres_inbox;
mod rules;

pub use error::InboxError;
pub use postgres_inbox::PostgresInbox;
