use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use castore_core::storage::{
    BlockingReadTransaction, EventStorageAdapter, EventVisitor, GetEventsOptions, RawEvent, RawEventRef,
    ReadTransaction, StorageError,
};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

/// The result of a read within a transaction of the kit.
pub(super) type KitReadResult = Result<Vec<RawEvent>, StorageError>;

/// A read that the kit requests within a transaction. The author of the database runs the read with [`run`](Self::run)
/// or [`run_blocking`](Self::run_blocking).
pub struct KitRead {
    adapter: Arc<dyn EventStorageAdapter>,
    event_store_id: &'static str,
    aggregate_id: String,
    options: GetEventsOptions,
    result: oneshot::Sender<KitReadResult>,
}

impl KitRead {
    /// Creates a read, and the receiver of its result.
    pub(super) fn new(
        adapter: Arc<dyn EventStorageAdapter>,
        event_store_id: &'static str,
        aggregate_id: String,
        options: GetEventsOptions,
    ) -> (Self, oneshot::Receiver<KitReadResult>) {
        let (result, receive) = oneshot::channel();
        (Self { adapter, event_store_id, aggregate_id, options, result }, receive)
    }

    /// Reads in a transaction, and passes the result to the kit. An error of the read other than `TransactionLost` is
    /// part of this result.
    ///
    /// # Errors
    /// Returns [`StorageError::TransactionLost`], after which the implementation must roll back.
    pub async fn run<T: ReadTransaction<K>, K: 'static>(self, transaction: &mut T) -> Result<(), StorageError> {
        let (events, visit) = collecting();
        let read = transaction.visit_in_transaction(
            &*self.adapter,
            self.event_store_id,
            &self.aggregate_id,
            self.options,
            visit,
        );
        finish(self.result, events, read.await)
    }

    /// Reads in a transaction of a driver that blocks, and passes the result to the kit. An error of the read other
    /// than `TransactionLost` is part of this result.
    ///
    /// # Errors
    /// Returns [`StorageError::TransactionLost`], after which the implementation must roll back.
    pub fn run_blocking<T: BlockingReadTransaction<K>, K>(self, transaction: &T) -> Result<(), StorageError> {
        let (events, visit) = collecting();
        let read = transaction.visit_in_transaction(
            &*self.adapter,
            self.event_store_id,
            &self.aggregate_id,
            self.options,
            visit,
        );
        finish(self.result, events, read)
    }
}

type Collected = Arc<Mutex<Vec<RawEvent>>>;

fn collecting() -> (Collected, EventVisitor) {
    let events = Collected::default();
    let visited = Arc::clone(&events);
    let visit = move |event: RawEventRef<'_>| {
        visited.lock().expect("no panic").push(owned(event));
        ControlFlow::Continue(())
    };
    (events, Box::new(visit))
}

fn owned(event: RawEventRef<'_>) -> RawEvent {
    let json = |text: &str| RawValue::from_string(text.to_owned()).expect("JSON");
    RawEvent {
        aggregate_id: event.aggregate_id.to_owned(),
        version: event.version,
        event_type: event.event_type.to_owned().into(),
        timestamp: event.timestamp,
        payload: event.payload.map(json),
        metadata: event.metadata.map(json),
    }
}

fn finish(
    result: oneshot::Sender<KitReadResult>,
    events: Collected,
    read: Result<(), StorageError>,
) -> Result<(), StorageError> {
    match read {
        Err(StorageError::TransactionLost(error)) => Err(StorageError::TransactionLost(error)),
        read => {
            // The kit may have stopped waiting after another failure.
            let _ = result.send(read.map(|()| std::mem::take(&mut *events.lock().expect("no panic"))));
            Ok(())
        }
    }
}

impl fmt::Debug for KitRead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("KitRead")
            .field("event_store_id", &self.event_store_id)
            .field("aggregate_id", &self.aggregate_id)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
