//! Common parts of the inboxes of all databases: keys, limits, names and errors.
//!
//! Brokers deliver every message at least once, and therefore sometimes more than once. An inbox records that a
//! consumer has handled a message, in the same transaction in which the handler does its work. When the broker delivers
//! the message again, the inbox reports that the message was handled before, and the handler does nothing. An adapter
//! adds the SQL: see `SqliteInbox` in castore-sqlite and `PostgresInbox` in castore-postgres. `inbox_conformance!` of
//! castore-conformance tests an inbox.
//!
//! # Guarantees
//! * If several transactions record the same message and commit, the inbox reports the message as new to exactly one of
//!   them.
//! * This guarantee covers only effects inside the transaction. For example, an e-mail that was sent before the commit
//!   is sent again if the program crashes before the commit.
//!
//! # Identity of a message
//! Two messages are the same message if their event store ids, aggregate ids and versions are equal. Each consumer has
//! its own records. The kind and the content of a message are not compared:
//!
//! * An event that was rewritten by a forced push, and is published again, is the same message as before.
//! * A message without a version (an aggregate-exists message) counts as version 0, so such a message is handled once
//!   per aggregate. To handle all aggregates again, use another consumer name.
//! * A replayed message is the same message as before. The handler can distinguish replays with
//!   [`MessageContext::replay`](crate::consumer::MessageContext::replay). With `if first_time { … }`, the handler skips
//!   replayed messages that it handled before. With `if first_time || context.replay { … }`, the handler handles every
//!   delivery of a replayed message. In both cases, the inbox must be called first, so that the delivery is recorded. A
//!   consumer with a separate name for each replay (`"game_counter, replay of May"`) handles each message once per
//!   replay.
//!
//! # Table
//! The table is named [`TABLE`] by default. Its columns are `consumer`, `event_store_id`, `aggregate_id` and `version`,
//! which form the primary key, and `handled_at`. An index on `consumer` and `handled_at` speeds up the deletion of old
//! rows. All consumers may share one table. The table must be in the database to which the handlers write, even if the
//! events are stored in another database.

mod error;
mod key;
mod name;
mod rules;

pub use error::InboxError;
pub use key::InboxKey;
pub use name::{InvalidName, NameRules};
pub use rules::{AgeUnit, InboxRules};

/// The default name of the inbox table.
pub const TABLE: &str = "castore_handled_message";

/// The prefix and the suffix for the name of the index on `consumer` and `handled_at`. The name of the table is
/// inserted between the prefix and the suffix.
pub const INDEX: (&str, &str) = ("idx_", "_handled_at");
