//! The event table, and the tables of this crate beside it: names, creation, and description.

mod aggregate_id_kind;
mod describe;
mod event_table;
mod migrate;
mod names;
mod rewrites;
mod side_tables;
mod sql;
mod storage_schema;
mod transactions;

pub(crate) use aggregate_id_kind::AggregateIdKind;
pub(crate) use describe::{BLANK_PADDED, Table, describe, is_event_key};
pub(crate) use event_table::EventTable;
pub use event_table::{AggregateIdColumn, IntegerSize};
pub(crate) use migrate::{Patience, create, create_rewrite_counts, create_tables, drop_table, refused};
pub(crate) use names::{Identifier, NAME_RULES, dollar_quoted, quote_literal, snapshots_name};
pub(crate) use rewrites::RewriteCounts;
pub(crate) use side_tables::SideTables;
pub use sql::PostgresSchemaSql;
pub(crate) use transactions::{create_in_transactions, create_rewrite_counts_in_transaction};
