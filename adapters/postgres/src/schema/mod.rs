//! The event table: what it is called, how it is made, and what it turns out to be.

mod describe;
mod event_table;
mod migrate;
mod names;
mod rewrites;

pub(crate) use describe::{AggregateIdKind, BLANK_PADDED, Table, describe, is_event_key};
pub(crate) use event_table::EventTable;
pub use event_table::{AggregateIdColumn, IntegerSize};
pub(crate) use migrate::{Patience, create, create_rewrite_counts, create_tables, drop_table, refused};
pub(crate) use names::{Identifier, NAME_RULES, quote_literal, snapshots_name};
pub(crate) use rewrites::RewriteCounts;
