//! The event log: positions are in the order of commits, because SQLite lets one transaction write at a time and
//! `AUTOINCREMENT` gives no position twice.

mod event_log;
mod read;
mod sql;

pub(crate) use self::read::{id_of, rewrite_count};
