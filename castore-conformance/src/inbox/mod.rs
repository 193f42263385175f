//! The behaviors of inboxes, by topic. Each function tests one behavior and panics if the inbox does not have it. An
//! inbox records the messages that a consumer has handled, so that a redelivered message has no second effect.
//!
//! [`inbox_conformance!`](crate::inbox_conformance) generates a test for each behavior. The factory provides an
//! [`InboxDatabase`], which runs the transactions of handlers.

mod case;
mod factory;
mod list;

pub mod concurrency;
pub mod first_time;
pub mod forgetting;
pub mod hostile;
pub mod identity;
pub mod table;

pub use factory::{FreshInbox, HandlerTransaction, InboxDatabase, InboxFactory, KitInboxError, TransactionEnd, effect};
pub use list::{BEHAVIORS, Behavior};
