use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::storage::{
    DelegatingStorageAdapter, EventAlreadyExists, EventStorageAdapter, GroupedRawEvent, PushOptions, PushReceipt,
    RawEvent, StorageError,
};

use super::faults::{Faults, OnPurpose};

/// A storage adapter that wraps another adapter and injects faults into pushes: failures, lost responses, conflicts and
/// delays. The adapter counts pushes of single events and of groups together, starting at 1. Clones share the count.
#[derive(Debug)]
pub struct FaultyEventStorageAdapter<A> {
    inner: A,
    faults: Arc<Faults<Fault>>,
}

#[derive(Debug)]
enum Fault {
    Fail,
    LoseResponse,
    Conflict,
    Delay(Duration),
}

impl<A: EventStorageAdapter> FaultyEventStorageAdapter<A> {
    /// Creates an adapter without faults.
    pub fn new(inner: A) -> Self {
        Self { inner, faults: Arc::default() }
    }

    /// Makes push number `n` fail without storing anything.
    pub fn fail_push(&self, n: u64) {
        self.faults.add(n, Fault::Fail);
    }

    /// Makes push number `n` return [`StorageError::UnknownOutcome`] although the push is stored, as if the response
    /// was lost.
    pub fn lose_response_of_push(&self, n: u64) {
        self.faults.add(n, Fault::LoseResponse);
    }

    /// Makes push number `n` fail with [`StorageError::EventAlreadyExists`], although the version is free. Nothing is
    /// stored.
    pub fn conflict_on_push(&self, n: u64) {
        self.faults.add(n, Fault::Conflict);
    }

    /// Delays push number `n` by `delay`.
    pub fn delay_push(&self, n: u64, delay: Duration) {
        self.faults.add(n, Fault::Delay(delay));
    }

    /// Counts the current push, and applies its faults that occur before anything is stored. Returns whether the
    /// response of the push must be lost.
    async fn before(&self, conflict: impl FnOnce() -> EventAlreadyExists) -> Result<bool, StorageError> {
        let mut conflict = Some(conflict);
        let mut lose_answer = false;
        for fault in self.faults.next_call() {
            match fault {
                Fault::Fail => return Err(StorageError::engine(OnPurpose)),
                Fault::Conflict => {
                    if let Some(conflict) = conflict.take() {
                        return Err(conflict().into());
                    }
                }
                Fault::Delay(delay) => tokio::time::sleep(delay).await,
                Fault::LoseResponse => lose_answer = true,
            }
        }
        Ok(lose_answer)
    }
}

fn answer<T>(answer: T, lost: bool) -> Result<T, StorageError> {
    if lost { Err(StorageError::UnknownOutcome(Box::new(OnPurpose))) } else { Ok(answer) }
}

fn conflict(event_store_id: &str, event: &RawEvent) -> EventAlreadyExists {
    EventAlreadyExists::new(event_store_id.to_owned(), event.aggregate_id.clone(), event.version)
}

#[async_trait]
impl<A: EventStorageAdapter> DelegatingStorageAdapter for FaultyEventStorageAdapter<A> {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let lost = self.before(|| conflict(event_store_id, &event)).await?;
        answer(self.inner.push_event(event_store_id, event, options).await?, lost)
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let lost = match group.first() {
            Some(first) => self.before(|| conflict(first.event_store_id, &first.event)).await?,
            None => false,
        };
        answer(self.inner.push_event_group(group, options).await?, lost)
    }
}

impl<A: Clone> Clone for FaultyEventStorageAdapter<A> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), faults: self.faults.clone() }
    }
}
