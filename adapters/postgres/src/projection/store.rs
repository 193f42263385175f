use std::ops::Range;
use std::sync::Arc;

use castore_core::log::{LogEntry, LogId};
use castore_projection::ProjectionRequest;
use castore_projection::engine::{Applied, Checkpoint, ReadModelStore, ReadModelVersion, Retried, StoreError, Swapped};

use super::ParkedProjectionAggregate;
use super::any_projection::Projection;
use super::apply::database;
use super::site::Site;

impl<P: Projection> ReadModelStore for Site<P> {
    const NAME: &'static str = P::NAME;
    const VERSION: u32 = P::VERSION;

    async fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        self.apply_events(events.get(range).unwrap_or_default(), from, &to).await
    }

    async fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        self.park_aggregate(&aggregate, from, &to).await
    }

    async fn swap(&self, position: u64, scanned_to: u64) -> Result<Swapped, StoreError> {
        self.take_over(position, scanned_to).await
    }

    async fn version(&self) -> Result<Option<ReadModelVersion>, StoreError> {
        let client = self.client().await?;
        self.registry.find(&client, P::NAME, P::VERSION).await.map_err(database)
    }

    async fn find_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StoreError> {
        let client = self.client().await?;
        let parked = self.registry.parked(&client, P::NAME, P::VERSION).await.map_err(database)?;
        Ok(parked.iter().find(|parked| parked.is(event_store_id, aggregate_id)).map(|parked| parked.next_position))
    }

    async fn apply_parked(&self, event: LogEntry, from: u64) -> Result<Retried, StoreError> {
        self.apply_parked_event(&event, from).await
    }

    async fn refuse_parked(&self, event: LogEntry, error: String) -> Result<(), StoreError> {
        let mut client = self.client().await?;
        let transaction = client.begin().await.map_err(database)?;
        if self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)?.is_none() {
            return Ok(());
        }
        let parked = self.registry.parked(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        let before = parked.into_iter().find(|parked| parked.is(&event.event_store_id, &event.event.aggregate_id));
        if let Some(again) = before.and_then(|before| before.refused_again(&event, error)) {
            self.registry.park(&transaction, Self::KEY, &again).await.map_err(database)?;
            transaction.commit().await.map_err(database)?;
        }
        Ok(())
    }

    async fn unpark(&self, event_store_id: &str, aggregate_id: &str, checkpoint: u64) -> Result<bool, StoreError> {
        let key = (event_store_id.to_owned(), aggregate_id.to_owned());
        let mut client = self.client().await?;
        let transaction = client.begin().await.map_err(database)?;
        let locked = self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        if locked.is_some_and(|(now, _)| now.position != checkpoint) {
            return Ok(false);
        }
        self.registry.advance_parked(&transaction, Self::KEY, &key, None).await.map_err(database)?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }

    async fn requests(&self) -> Result<Vec<ProjectionRequest>, StoreError> {
        let client = self.client().await?;
        self.registry.requests(&client, P::NAME, P::VERSION).await.map_err(database)
    }

    async fn close_request(&self, request: ProjectionRequest) -> Result<(), StoreError> {
        let client = self.client().await?;
        self.registry.close_request(&client, Self::KEY, &request).await.map_err(database)
    }

    async fn rebuild(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError> {
        self.rebuild_version(log_id).await
    }
}
