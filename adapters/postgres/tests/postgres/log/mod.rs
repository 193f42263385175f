//! The event log: completeness, waiting for writers, and requirements.

mod conformance;
mod large_pages;
mod random;
mod rewrites;
mod waiting;
mod wake_ups;

use castore_core::log::{EventLog, LogEntry, LogFilter, LogPage, LogQuery};
use castore_postgres::PostgresEventStorageAdapter;

/// The statement with which the original package creates its table, without any addition of this crate.
pub(crate) const ORIGINAL: &str = "CREATE TABLE event (
    id BIGSERIAL PRIMARY KEY, aggregate_name VARCHAR(32) NOT NULL, aggregate_id UUID NOT NULL, version BIGINT NOT NULL,
    type VARCHAR(64) NOT NULL, data JSONB, metadata JSONB,
    timestamp TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP(3), UNIQUE (aggregate_name, aggregate_id, version))";

pub(crate) fn all(limit: usize) -> LogQuery {
    LogQuery::new(LogFilter::all(), limit)
}

pub(crate) async fn page(log: &PostgresEventStorageAdapter, after: u64) -> LogPage {
    log.read_after(after, &all(100)).await.unwrap()
}

pub(crate) fn positions(events: &[LogEntry]) -> Vec<u64> {
    events.iter().map(|entry| entry.position).collect()
}
