use std::ops::Range;
use std::sync::Arc;

use castore_core::log::{LogEntry, LogId};
use castore_projection::ProjectionRequest;
use castore_projection::engine::{
    Applied, Checkpoint, DatabaseError, ReadModelStore, ReadModelVersion, Retried, StoreError, Swapped,
};

use super::worker::{Site, Worker};
use super::{ParkedProjectionAggregate, SqliteProjection, parked, registry, requests};
use crate::open_file::{FileReplaced, is_replaced};

impl<P: SqliteProjection> Worker<P> {
    /// Runs a transaction on the thread of the projection.
    async fn transaction<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Site<P>) -> Result<T, DatabaseError> + Send + 'static,
    ) -> Result<T, StoreError> {
        // The projection cannot continue without its thread.
        let done = self.call(act).await.map_err(|ended| StoreError::Fatal(ended.into()))?;
        done.map_err(|error| match error.downcast_ref::<rusqlite::Error>() {
            // No later transaction of this connection could be committed.
            Some(replaced) if is_replaced(replaced) => StoreError::Fatal(FileReplaced.into()),
            _ => StoreError::Unavailable(error),
        })
    }
}

impl<P: SqliteProjection> ReadModelStore for Worker<P> {
    const NAME: &'static str = P::NAME;
    const VERSION: u32 = P::VERSION;

    async fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        self.transaction(move |site| site.apply(events.get(range).unwrap_or_default(), from, &to)).await
    }

    async fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        self.transaction(move |site| site.park(&aggregate, from, &to)).await
    }

    async fn swap(&self, position: u64, scanned_to: u64) -> Result<Swapped, StoreError> {
        self.transaction(move |site| Ok(site.swap(position, scanned_to)?)).await
    }

    async fn version(&self) -> Result<Option<ReadModelVersion>, StoreError> {
        self.transaction(|site| Ok(registry::find(&site.connection, P::NAME, P::VERSION)?)).await
    }

    async fn find_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StoreError> {
        let key = (event_store_id.to_owned(), aggregate_id.to_owned());
        let find =
            move |site: &mut Site<P>| Ok(parked::positions(&site.connection, Site::<P>::KEY)?.get(&key).copied());
        self.transaction(find).await
    }

    async fn apply_parked(&self, event: LogEntry, from: u64) -> Result<Retried, StoreError> {
        self.transaction(move |site| site.apply_parked(&event, from)).await
    }

    async fn refuse_parked(&self, event: LogEntry, error: String) -> Result<(), StoreError> {
        self.transaction(move |site| site.refuse_parked(&event, error)).await
    }

    async fn unpark(&self, event_store_id: &str, aggregate_id: &str, checkpoint: u64) -> Result<bool, StoreError> {
        let (event_store_id, aggregate_id) = (event_store_id.to_owned(), aggregate_id.to_owned());
        self.transaction(move |site| site.unpark(&event_store_id, &aggregate_id, checkpoint)).await
    }

    async fn requests(&self) -> Result<Vec<ProjectionRequest>, StoreError> {
        self.transaction(|site| Ok(requests::all(&site.connection, P::NAME, P::VERSION)?)).await
    }

    async fn close_request(&self, request: ProjectionRequest) -> Result<(), StoreError> {
        self.transaction(move |site| site.close_request(&request)).await
    }

    async fn rebuild(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError> {
        let log_id = log_id.clone();
        self.transaction(move |site| site.rebuild(&log_id)).await
    }

    /// Ends the thread of the projection. Waits until the thread has ended and its connection is closed.
    async fn close(self) {
        self.end().await;
    }
}
