//! The event log: the column `id` in its order, up to a horizon before which no event can appear any more.
//!
//! Ids are drawn before their transactions commit, so that a greater one may be seen first. A writer locks the table
//! before it draws an id and until its transaction has ended, and a commit is seen before its locks go. So: read how
//! far the sequence is, then who has the table locked; when all of these are gone, every id up to there is either seen
//! or will never be.

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
