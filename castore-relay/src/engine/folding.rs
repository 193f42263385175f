use std::marker::PhantomData;

use async_trait::async_trait;
use castore_core::aggregate::Aggregate;
use castore_core::channel::{Carries, CarriesEvents};
use castore_core::error::error_chain;
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::log::{LogEntry, Logged};
use castore_core::message::EventCarrying;
use castore_core::storage::StorageError;
use castore_runtime::event_store::{EventStore, Store};
use lru::LruCache;

use super::{Failure, MessageSource, catch_panic, catch_panic_now};

/// A message source for messages that contain the aggregate. It applies each event to the cached aggregate at the
/// previous version. If the previous version is not cached, the source loads the aggregate at the version of the event.
pub(super) struct Folding<S: EventSourced, C> {
    event_store: EventStore<S>,
    aggregates: LruCache<String, Aggregate<S>>,
    max_aggregates: usize,
    channel: PhantomData<fn() -> C>,
}

impl<S: EventSourced, C> Folding<S, C> {
    pub(super) fn new(event_store: EventStore<S>, cached_aggregates: usize) -> Self {
        // A cache with a fixed capacity would allocate its whole memory immediately.
        Self { event_store, aggregates: LruCache::unbounded(), max_aggregates: cached_aggregates, channel: PhantomData }
    }
}

impl<S: EventSourced, C: Carries<S> + CarriesEvents> Folding<S, C> {
    fn message(&mut self, entry: &LogEntry, event: EventDetail<S>, aggregate: Aggregate<S>) -> C::Message {
        self.aggregates.put(entry.event.aggregate_id.clone(), aggregate.clone());
        if self.aggregates.len() > self.max_aggregates {
            self.aggregates.pop_lru();
        }
        <C::Kind as EventCarrying>::message_with(event, aggregate).into()
    }

    /// Decodes an event and reduces it. Both steps run user code, which may panic.
    fn next(
        &mut self,
        entry: &LogEntry,
        before: Option<Aggregate<S>>,
    ) -> Result<(EventDetail<S>, Aggregate<S>), Failure> {
        let event_store = &self.event_store;
        let next = catch_panic_now(|| {
            let event = EventDetail::<S>::from_log(entry).map_err(|error| Failure::Permanent(error_chain(&error)))?;
            let aggregate = event_store
                .build_aggregate([&event], before)
                .map_err(|error| Failure::Permanent(error_chain(&error)))?
                .ok_or_else(|| Failure::Permanent("the reducer returned no aggregate".to_owned()))?;
            Ok((event, aggregate))
        });
        next.unwrap_or_else(|panic| Err(Failure::Permanent(format!("decoding or reducing the event {panic}"))))
    }
}

#[async_trait]
impl<S: EventSourced, C: Carries<S> + CarriesEvents> MessageSource<C::Message> for Folding<S, C> {
    fn make(&mut self, entry: &LogEntry) -> Option<Result<C::Message, Failure>> {
        let before = match entry.event.version {
            1 => None,
            version => {
                // After a gap, or when an event is published again, the cached aggregate has another version.
                let before = self.aggregates.pop(&entry.event.aggregate_id)?;
                Some(before).filter(|before| before.version.checked_add(1) == Some(version)).map(Some)?
            }
        };
        Some(self.next(entry, before).map(|(event, aggregate)| self.message(entry, event, aggregate)))
    }

    async fn load(&mut self, entry: &LogEntry) -> Result<C::Message, Failure> {
        let event = catch_panic_now(|| EventDetail::<S>::from_log(entry))
            .map_err(|panic| Failure::Permanent(format!("decoding the event {panic}")))?
            .map_err(|error| Failure::Permanent(error_chain(&error)))?;
        let read = self.event_store.get_aggregate(&event.aggregate_id).max_version(event.version).without_events();
        let aggregate = catch_panic(async { read.await })
            .await
            .map_err(|panic| Failure::Permanent(format!("loading the aggregate {panic}")))?
            .map_err(failure)?
            .filter(|aggregate| aggregate.version == event.version);
        match aggregate {
            Some(aggregate) => Ok(self.message(entry, event, aggregate)),
            None => Err(Failure::Permanent("the event is in the log, but not in the event store".to_owned())),
        }
    }

    fn forget(&mut self, aggregate_id: &str) {
        self.aggregates.pop(aggregate_id);
    }

    fn forget_all(&mut self) {
        self.aggregates.clear();
    }
}

/// Classifies an error of an event store. Errors of decoding and of the reducer are permanent, and so are missing
/// aggregates and invalid ids. Errors of the storage are transient, unless the stored data is damaged or unsupported.
fn failure(error: EventStoreError) -> Failure {
    let permanent = match &error {
        EventStoreError::Decode(_)
        | EventStoreError::Reduce(_)
        | EventStoreError::AggregateNotFound(_)
        | EventStoreError::InvalidAggregateId { .. } => true,
        EventStoreError::Storage { source, .. } => {
            matches!(**source, StorageError::Corrupt { .. } | StorageError::Unsupported { .. })
        }
        _ => false,
    };
    if permanent { Failure::Permanent(error_chain(&error)) } else { Failure::Transient(error_chain(&error)) }
}
