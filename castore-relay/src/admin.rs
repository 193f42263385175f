use std::sync::Arc;

use castore_runtime::relay::{ParkedAggregate, RelayCheckpoint, RelayStorageAdapter};

use crate::RelayError;

/// Looks at a relay and mends it, from any process that can reach the storage of its state. The relay need not run.
///
/// A relay that runs in another process sees what was asked for after a few seconds.
#[derive(Debug, Clone)]
pub struct RelayAdmin {
    relay: Arc<str>,
    state: Arc<dyn RelayStorageAdapter>,
}

impl RelayAdmin {
    /// For the relay of this name, whose state is kept there.
    pub fn new(relay: impl Into<Arc<str>>, state: impl RelayStorageAdapter) -> Self {
        Self::erased(relay.into(), Arc::new(state))
    }

    pub(crate) fn erased(relay: Arc<str>, state: Arc<dyn RelayStorageAdapter>) -> Self {
        Self { relay, state }
    }

    /// The name of the relay.
    pub fn relay(&self) -> &str {
        &self.relay
    }

    /// Where the relay is, and who holds its lease; `None` if it never ran.
    ///
    /// # Errors
    /// [`RelayError::Storage`].
    pub async fn checkpoint(&self) -> Result<Option<RelayCheckpoint>, RelayError> {
        self.state.checkpoint(&self.relay).await.map_err(RelayError::storage(&self.relay))
    }

    /// The aggregates one of whose messages can never be published as it is: that one and the later ones of the
    /// aggregate wait in the log. By position.
    ///
    /// # Errors
    /// [`RelayError::Storage`].
    pub async fn parked(&self) -> Result<Vec<ParkedAggregate>, RelayError> {
        self.state.parked(&self.relay).await.map_err(RelayError::storage(&self.relay))
    }

    /// Has a parked aggregate tried again at once: after its cause was mended. Answers whether it was parked.
    ///
    /// # Errors
    /// [`RelayError::Storage`].
    pub async fn retry(&self, event_store_id: &str, aggregate_id: &str) -> Result<bool, RelayError> {
        let retried = self.state.retry_parked(&self.relay, event_store_id, aggregate_id).await;
        retried.map_err(RelayError::storage(&self.relay))
    }

    /// Gives up on the message at `position`, that an aggregate is parked for
    /// ([`next_position`](ParkedAggregate::next_position)): it is never published, and the relay goes on with the
    /// later ones of the aggregate at once. Answers whether the aggregate was parked for that message.
    ///
    /// # Errors
    /// [`RelayError::Storage`].
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
