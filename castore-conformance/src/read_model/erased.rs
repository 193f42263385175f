use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::log::{LogEntry, LogId};
use castore_projection::engine::{Applied, Checkpoint, ReadModelStore, ReadModelVersion, Retried, StoreError, Swapped};
use castore_projection::{ParkedProjectionAggregate, ProjectionRequest};

/// A [`ReadModelStore`] whose type is erased. Every [`ReadModelStore`] implements this trait.
#[async_trait]
pub trait ErasedStore: Send + Sync {
    /// See [`ReadModelStore::apply`].
    async fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError>;

    /// See [`ReadModelStore::park`].
    async fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError>;

    /// See [`ReadModelStore::swap`].
    async fn swap(&self, position: u64, scanned_to: u64) -> Result<Swapped, StoreError>;

    /// See [`ReadModelStore::version`].
    async fn version(&self) -> Result<Option<ReadModelVersion>, StoreError>;

    /// See [`ReadModelStore::find_parked`].
    async fn find_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StoreError>;

    /// See [`ReadModelStore::apply_parked`].
    async fn apply_parked(&self, event: LogEntry, from: u64) -> Result<Retried, StoreError>;

    /// See [`ReadModelStore::refuse_parked`].
    async fn refuse_parked(&self, event: LogEntry, error: String) -> Result<(), StoreError>;

    /// See [`ReadModelStore::unpark`].
    async fn unpark(&self, event_store_id: &str, aggregate_id: &str, checkpoint: u64) -> Result<bool, StoreError>;

    /// See [`ReadModelStore::requests`].
    async fn requests(&self) -> Result<Vec<ProjectionRequest>, StoreError>;

    /// See [`ReadModelStore::close_request`].
    async fn close_request(&self, request: ProjectionRequest) -> Result<(), StoreError>;

    /// See [`ReadModelStore::rebuild`].
    async fn rebuild(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError>;

    /// See [`ReadModelStore::close`].
    async fn close(self: Box<Self>);
}

#[async_trait]
impl<S: ReadModelStore> ErasedStore for S {
    async fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        ReadModelStore::apply(self, events, range, from, to).await
    }

    async fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        ReadModelStore::park(self, aggregate, from, to).await
    }

    async fn swap(&self, position: u64, scanned_to: u64) -> Result<Swapped, StoreError> {
        ReadModelStore::swap(self, position, scanned_to).await
    }

    async fn version(&self) -> Result<Option<ReadModelVersion>, StoreError> {
        ReadModelStore::version(self).await
    }

    async fn find_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StoreError> {
        ReadModelStore::find_parked(self, event_store_id, aggregate_id).await
    }

    async fn apply_parked(&self, event: LogEntry, from: u64) -> Result<Retried, StoreError> {
        ReadModelStore::apply_parked(self, event, from).await
    }

    async fn refuse_parked(&self, event: LogEntry, error: String) -> Result<(), StoreError> {
        ReadModelStore::refuse_parked(self, event, error).await
    }

    async fn unpark(&self, event_store_id: &str, aggregate_id: &str, checkpoint: u64) -> Result<bool, StoreError> {
        ReadModelStore::unpark(self, event_store_id, aggregate_id, checkpoint).await
    }

    async fn requests(&self) -> Result<Vec<ProjectionRequest>, StoreError> {
        ReadModelStore::requests(self).await
    }

    async fn close_request(&self, request: ProjectionRequest) -> Result<(), StoreError> {
        ReadModelStore::close_request(self, request).await
    }

    async fn rebuild(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError> {
        ReadModelStore::rebuild(self, log_id).await
    }

    async fn close(self: Box<Self>) {
        ReadModelStore::close(*self).await;
    }
}
