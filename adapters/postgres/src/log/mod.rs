//! The event log: events in the order of the column `id`, up to a horizon before which no further event can appear.
//!
//! Ids are allocated before their transactions commit, so a greater id may become visible first. A writer locks the
//! table before it allocates an id, and holds the lock until its transaction has ended. A commit becomes visible before
//! the locks are released. The scanner therefore reads the last value of the sequence first, and then the transactions
//! that have locked the table for writing. When all of these transactions have ended, every id up to that value is
//! either visible or will never become visible.

mod blockers;
mod event_log;
mod horizon;
mod read;
mod rewrites;
mod scanner;
mod source;
mod sql;

pub(crate) use rewrites::rewrite_count;
pub(crate) use scanner::Scanner;
pub(crate) use source::{database_id, database_of};
