//! Bookkeeping for calls that publish several messages, shared by all message channel adapters.

mod error;
mod ledger;
mod one_by_one;

pub use error::{HeldBackError, UnpublishedError};
pub use ledger::OrderedPublish;
#[doc(hidden)]
pub use one_by_one::one_by_one;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
