//! The bookkeeping of a call that publishes several messages, shared by all adapters of message channels.

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
