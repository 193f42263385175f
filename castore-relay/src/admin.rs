use std::sync::Arc;

use castore_core::relay::{ParkedAggregate, RelayCheckpoint, RelayStorageAdapter};

use crate::RelayError;

/// An administration client for a relay, for any process that can access the storage of the relay's state. The client
/// lists parked aggregates, retries them and drops their messages.
///
/// The relay does not have to be running. A relay that runs in another process handles a request after a few seconds.
#[derive(Debug, Clone)]
pub struct RelayAdmin {
    relay: Arc<str>,
    state: Arc<dyn RelayStorageAdapter>,
}

impl RelayAdmin {
    /// Creates a client for the relay of this name, whose state is stored in `state`.
    pub fn new(relay: impl Into<Arc<str>>, state: impl RelayStorageAdapter) -> Self {
        Self::erased(relay.into(), Arc::new(state))
    }

    pub(crate) fn erased(relay: Arc<str>, state: Arc<dyn RelayStorageAdapter>) -> Self {
        Self { relay, state }
    }

    /// Returns the name of the relay.
    pub fn relay(&self) -> &str {
        &self.relay
    }

    /// Returns the checkpoint of the relay, with its position and the owner of its lease. Returns `None` if the relay
    /// has never run.
    ///
    /// # Errors
    /// [`RelayError::Storage`] if the storage of the relay's state fails.
    pub async fn checkpoint(&self) -> Result<Option<RelayCheckpoint>, RelayError> {
        self.state.checkpoint(&self.relay).await.map_err(RelayError::storage(&self.relay))
    }

    /// Returns the parked aggregates, sorted by the position of their next message. A parked aggregate has a message
    /// that cannot be published. This message and the later messages of the aggregate wait in the log.
    ///
    /// # Errors
    /// [`RelayError::Storage`] if the storage of the relay's state fails.
    pub async fn parked(&self) -> Result<Vec<ParkedAggregate>, RelayError> {
        self.state.parked(&self.relay).await.map_err(RelayError::storage(&self.relay))
    }

    /// Requests an immediate attempt to publish the events of a parked aggregate. Call this method after you have
    /// removed the cause of the failure. Returns whether the aggregate was parked.
    ///
    /// # Errors
    /// [`RelayError::Storage`] if the storage of the relay's state fails.
    pub async fn retry(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, RelayError> {
        let retried = self.state.retry_parked(&self.relay, event_store_id, aggregate_id).await;
        retried.map_err(RelayError::storage(&self.relay))
    }

    /// Drops the message at `position`, the [`next_position`](ParkedAggregate::next_position) of a parked aggregate.
    /// The message is never published, and the relay continues with the later messages of the aggregate. Returns
    /// whether the aggregate was parked for that message.
    ///
    /// # Errors
    /// [`RelayError::Storage`] if the storage of the relay's state fails.
    pub async fn drop_message(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        position: u64,
    ) -> Result<bool, RelayError> {
        let dropped = self.state.drop_parked(&self.relay, event_store_id, aggregate_id, position).await;
        dropped.map_err(RelayError::storage(&self.relay))
    }
}
