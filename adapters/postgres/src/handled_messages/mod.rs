//! The inbox: which messages a consumer has handled, recorded in the transaction in which it handles them.

mod error;
mod pg_handled_messages;
mod rules;

pub use error::InboxError;
pub use pg_handled_messages::PgHandledMessages;
