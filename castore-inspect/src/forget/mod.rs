//! Removes personal data from the stored events of an aggregate.
//!
//! Event storages do not delete events, because the versions of an aggregate must not have gaps. To forget a person,
//! the events of the person's aggregates are rewritten instead. The program provides a rule that replaces the personal
//! data in an event: see [`Operate::forget_with`](crate::Operate::forget_with) and
//! [`Operate::forget`](crate::Operate::forget). The [`ForgetReport`] lists the places that may still contain the old
//! data.

mod error;
mod options;
mod remaining;
mod report;
mod rewrite;
mod rule;
mod search;

pub use error::ForgetError;
pub use options::ForgetOptions;
pub use remaining::RemainingData;
pub use report::ForgetReport;

pub(crate) use rewrite::rewrite;
pub(crate) use rule::Rule;
pub(crate) use search::Search;
