//! The inbox: a record of the messages that a consumer has handled, written in the transaction of the handler.

mod error;
mod postgres_inbox;
mod rules;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
mod sqlx;

pub use error::InboxError;
pub use postgres_inbox::PostgresInbox;
