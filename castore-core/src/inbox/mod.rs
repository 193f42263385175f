//! The common parts of the inboxes of all databases: the row of a message, the limits of a database, names and errors.
//!
//! Every broker delivers a message at least once. An inbox records, in the transaction in which a handler does its
//! work, that a consumer has handled a message. When the broker delivers the message again, the handler sees that and
//! does nothing. An adapter adds the SQL: see `SqliteInbox` in castore-sqlite and `PostgresInbox` in castore-postgres.
//! `inbox_conformance!` of castore-conformance tests an inbox.
//!
//! # Guarantees
//! * If several transactions record the same message and commit, the inbox reports the message as new to exactly one of
//!   them.
//! * This covers effects inside the transaction. An e-mail that was sent before the commit is sent again after a crash.
//!
//! # Identity of a message
//! Two messages are the same if they have the same event store, aggregate and version, compared as text and numbers.
//! Each consumer has its own record. Neither the kind of a message nor its content counts:
//!
//! * An event that was rewritten by a forced push, and is published again, is the same message as before.
//! * A message without a version (an aggregate-exists message) counts as version 0, so it is handled once per
//!   aggregate. To handle all aggregates again, use another consumer name.
//! * A replayed message is the same message. The handler decides what to do with it, by
//!   [`MessageContext::replay`](crate::consumer::MessageContext::replay). With `if first_time { … }`, a replay has no
//!   effect on messages that were handled before. With `if first_time || context.replay { … }`, asking in this order,
//!   each delivery of a replay has its effect and is recorded. A consumer with one name per replay (`"game_counter,
//!   replay of May"`) handles each message once in each replay.
//!
//! # Table
//! [`TABLE`] with the columns `consumer`, `event_store_id`, `aggregate_id` and `version`, which are the primary key,
//! and `handled_at`. An index on `consumer` and `handled_at` serves the deletion of old rows. All consumers may share a
//! table. It must be in the database that the handlers write to, wherever the events are.

mod error;
mod key;
mod name;
mod rules;

pub use error::InboxError;
pub use key::InboxKey;
pub use name::{InvalidName, NameRules};
pub use rules::{AgeUnit, InboxRules};

/// The default name of an inbox's table.
pub const TABLE: &str = "castore_handled_message";

/// The prefix and the suffix of the name of the index on `consumer` and `handled_at`. The table's name is between them.
pub const INDEX: (&str, &str) = ("idx_", "_handled_at");
