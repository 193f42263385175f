//! Removes personal data from the stored events of an aggregate.
//!
//! To forget a person, the events of the person's aggregates are rewritten or deleted. Rewritten events keep their
//! versions and types, so that the aggregate can still be loaded and other data can refer to it. The program provides a
//! rule that replaces the personal data in an event: see [`Operate::forget_with`](crate::Operate::forget_with). With
//! [`ForgetOptions::delete`], all events of the aggregate are deleted instead, if the storage [can delete
//! aggregates](castore_core::storage::AggregateDeletion): see [`Operate::deletion`](crate::Operate::deletion).
//!
//! The [`ForgetReport`] of [`Operate::forget`](crate::Operate::forget) lists the places that may still contain the old
//! data.

mod aggregate;
mod delete;
mod error;
mod options;
mod remaining;
mod report;
mod rewrite;
mod rule;
mod search;
mod unpublished;

pub use error::ForgetError;
pub use options::ForgetOptions;
pub use remaining::RemainingData;
pub use report::ForgetReport;

pub(crate) use aggregate::Aggregate;
pub(crate) use delete::delete;
pub(crate) use rewrite::rewrite;
pub(crate) use rule::Rule;
pub(crate) use search::Search;
pub(crate) use unpublished::Relays;
