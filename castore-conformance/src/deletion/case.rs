//! The fixture of all behaviors: a fresh storage, with short helper functions.

use std::ops::Deref;
use std::sync::Arc;

use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::{AggregateDeletion, Deletion};

use super::DeletionFactory;
use crate::log::LogCapabilities;
use crate::log::case::{LogCase, SeenEntry};
use crate::storage::case::{ALL, at};
use crate::storage::compare::json;

pub(crate) struct DeletionCase {
    /// The fixture of the log behaviors, on the same storage.
    case: LogCase,
    pub(crate) deletion: Arc<dyn AggregateDeletion>,
    snapshots: Arc<dyn SnapshotAdapter>,
}

impl Deref for DeletionCase {
    type Target = LogCase;

    fn deref(&self) -> &LogCase {
        &self.case
    }
}

impl DeletionCase {
    pub(crate) async fn new(factory: &dyn DeletionFactory) -> Self {
        let fresh = factory.fresh().await;
        let case = LogCase::of(fresh.log, factory.capabilities(), LogCapabilities::full());
        Self { case, deletion: fresh.deletion, snapshots: fresh.snapshots }
    }

    /// Pushes the events of the versions 1 to `last`, and returns their log entries.
    pub(crate) async fn history(&self, store: &'static str, aggregate: &str, last: u64) -> Vec<SeenEntry> {
        let mut entries = Vec::new();
        for version in 1..=last {
            entries.push(self.logged(store, self.event(aggregate, version)).await);
        }
        entries
    }

    pub(crate) async fn try_delete(&self, store: &str, aggregate: &str, last_version: u64) -> Deletion {
        let deleted = self.deletion.delete_aggregate(store, &self.id(aggregate), last_version).await;
        deleted.unwrap_or_else(|error| panic!("deleting {aggregate} of {store:?}: {error}"))
    }

    /// Deletes an aggregate whose events have the versions 1 to `last`.
    pub(crate) async fn delete(&self, store: &str, aggregate: &str, last: u64) {
        let deleted = self.try_delete(store, aggregate, last).await;
        assert_eq!(deleted, Deletion::Deleted { events: last }, "of {aggregate} of {store:?}");
    }

    pub(crate) async fn versions(&self, store: &str, aggregate: &str) -> Vec<u64> {
        self.get(store, aggregate, ALL).await.iter().map(|event| event.version).collect()
    }

    pub(crate) async fn rewrites(&self, store: &str, aggregate: &str) -> u64 {
        let rewrites = self.adapter.rewrite_count(store, &self.id(aggregate)).await.expect("the number of rewrites");
        rewrites.expect("a storage that deletes aggregates counts rewrites")
    }

    pub(crate) async fn put_snapshot(&self, store: &'static str, aggregate: &str) {
        let state = json(r#"{"level":1}"#.to_owned());
        let snapshot = Snapshot { version: 1, rewrites: 0, event_timestamp: at(0), state };
        self.snapshots.put_snapshot(&self.key(store, aggregate), snapshot, 1).await.expect("a stored snapshot");
    }

    pub(crate) async fn has_snapshot(&self, store: &'static str, aggregate: &str) -> bool {
        self.snapshots.latest_snapshot(&self.key(store, aggregate), None).await.expect("a read").is_some()
    }

    fn key(&self, event_store_id: &'static str, aggregate: &str) -> SnapshotKey {
        SnapshotKey { event_store_id, aggregate_id: self.id(aggregate), state_shape: 1, reducer_version: 1 }
    }
}
