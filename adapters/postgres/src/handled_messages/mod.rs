//! Which messages a consumer has handled: remembered in the transaction in which it handles them.

mod error;
mod pg_handled_messages;

pub use error::HandledMessagesError;
pub use pg_handled_messages::PgHandledMessages;
