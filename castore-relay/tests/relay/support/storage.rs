use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use castore::log::LogId;
use castore::relay::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
    RelayStorageAdapter,
};
use castore::storage::StorageError;

/// The failure of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitFault {
    /// The commit fails, and nothing is written.
    Fail,
    /// The commit is written, but the response is lost.
    LoseResponse,
}

/// A relay state whose storage can fail.
#[derive(Debug, Clone)]
pub struct FaultyState<A> {
    inner: A,
    faults: Arc<Mutex<Vec<CommitFault>>>,
    broken: Arc<AtomicBool>,
    commits: Arc<AtomicU64>,
    elsewhere: bool,
}

impl<A: RelayStorageAdapter> FaultyState<A> {
    pub fn new(inner: A) -> Self {
        Self { inner, faults: Arc::default(), broken: Arc::default(), commits: Arc::default(), elsewhere: false }
    }

    /// Stores the state in another database than the log.
    pub fn elsewhere(self) -> Self {
        Self { elsewhere: true, ..self }
    }

    /// Sets the failures of the next commits.
    pub fn next_commits(&self, faults: impl IntoIterator<Item = CommitFault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// Fails all further operations if `broken` is true.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Returns the number of requested commits.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    fn works(&self) -> Result<(), StorageError> {
        if self.broken.load(Ordering::SeqCst) {
            Err(StorageError::engine("the storage of the state is unavailable"))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl<A: RelayStorageAdapter> RelayStorageAdapter for FaultyState<A> {
    async fn shares_database_with(&self, log: &LogId) -> Result<bool, StorageError> {
        self.works()?;
        Ok(!self.elsewhere && self.inner.shares_database_with(log).await?)
    }

    async fn acquire(&self, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError> {
        self.works()?;
        self.inner.acquire(request).await
    }

    async fn commit(&self, lease: &Lease, commit: RelayCommit) -> Result<CommitOutcome, StorageError> {
        self.works()?;
        self.commits.fetch_add(1, Ordering::SeqCst);
        let fault = {
            let mut faults = self.faults.lock().unwrap();
            if faults.is_empty() { None } else { Some(faults.remove(0)) }
        };
        match fault {
            Some(CommitFault::Fail) => Err(StorageError::engine("failed on purpose")),
            Some(CommitFault::LoseResponse) => {
                self.inner.commit(lease, commit).await?;
                Err(StorageError::UnknownOutcome("lost on purpose".into()))
            }
            None => self.inner.commit(lease, commit).await,
        }
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        self.works()?;
        self.inner.release(lease).await
    }

    async fn checkpoint(&self, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError> {
        self.works()?;
        self.inner.checkpoint(relay).await
    }

    async fn relay_names(&self) -> Result<Option<Vec<String>>, StorageError> {
        self.works()?;
        self.inner.relay_names().await
    }

    async fn parked(&self, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError> {
        self.works()?;
        self.inner.parked(relay).await
    }

    async fn retry_parked(&self, relay: &str, event_store_id: &str, aggregate_id: &str) -> Result<bool, StorageError> {
        self.works()?;
        self.inner.retry_parked(relay, event_store_id, aggregate_id).await
    }

    async fn drop_parked(
        &self,
        relay: &str,
        event_store_id: &str,
        aggregate_id: &str,
        position: u64,
    ) -> Result<bool, StorageError> {
        self.works()?;
        self.inner.drop_parked(relay, event_store_id, aggregate_id, position).await
    }
}
