//! What every inbox must do, by topic: each function is one behavior and panics if the inbox does not have it.
//!
//! [`inbox_conformance!`](crate::inbox_conformance) writes a test for each. An inbox is tested within a database with the
//! transactions of handlers, which the factory provides as an [`InboxDatabase`].

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
pub use list::{BEHAVIOURS, Behaviour};
