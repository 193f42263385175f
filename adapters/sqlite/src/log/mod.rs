//! The event log. Positions are in the order of commits, because SQLite allows one writing transaction at a time and
//! `AUTOINCREMENT` never assigns a position twice.

mod event_log;
mod read;
mod sql;

pub(crate) use self::read::{id_of, rewrite_count};
