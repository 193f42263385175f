//! The behaviors of pushes and reads in a transaction of the caller, by topic. Each function tests one behavior, and
//! panics if the storage does not have this behavior.
//!
//! [`transaction_conformance!`](crate::transaction_conformance) generates a test for each behavior. The factory
//! provides a [`TransactionDatabase`], which runs the transactions of the kit with a driver. Implement one factory for
//! each driver and each way to open a transaction.

mod case;
mod factory;
mod list;
mod read;

pub mod conflicts;
pub mod ends;
pub mod property;
pub mod reads;
pub mod versions;

pub use factory::{
    FreshTransactions, KitEnd, KitPause, KitPush, KitPushResult, KitTransaction, TransactionDatabase,
    TransactionFactory,
};
pub use list::{BEHAVIORS, Behavior};
pub use read::KitRead;
