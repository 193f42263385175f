use std::any::Any;
use std::sync::Arc;

use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::storage::{
    EventStorageAdapter, GroupedRawEvent, PushReceipt, StorageError, UndefinedEventStorageAdapterError,
};
use castore_core::time::Timestamp;

use super::GroupedEvent;
use super::prepared::Prepared;
use crate::event_store::held_back::HeldBack;
use crate::event_store::{AfterPushFailure, PushEventError, PushedEvent};
use castore_core::task::TaskCounter;

/// An event of a group. The type of its store is erased, because a group can contain events of several stores.
pub(super) trait Element: Send {
    /// Returns the counter of the store's background pushes, or `None` if the store has neither a hook nor a channel.
    fn background(&self) -> Option<TaskCounter>;

    fn adapter(&self) -> Result<Arc<dyn EventStorageAdapter>, UndefinedEventStorageAdapterError>;

    /// Returns the timestamp that the caller has set on the event, if any.
    fn timestamp(&self) -> Option<Timestamp>;

    /// Returns the current time of the store's clock.
    fn now(&self) -> Timestamp;

    /// Returns an error if the event's store has a hook.
    fn refuse_hook(&self) -> Result<(), PushEventError>;

    fn prepare(
        self: Box<Self>,
        adapter: Arc<dyn EventStorageAdapter>,
        timestamp: Timestamp,
    ) -> Result<(Box<dyn PreparedElement>, GroupedRawEvent), PushEventError>;
}

/// The prepared elements of a group, and their encoded events in the same order.
pub(super) type PreparedGroup = (Vec<Box<dyn PreparedElement>>, Vec<GroupedRawEvent>);

/// Prepares all events of a group, before anything is written.
pub(super) fn prepare(elements: Vec<Box<dyn Element>>) -> Result<PreparedGroup, PushEventError> {
    let mut prepared: Vec<Box<dyn PreparedElement>> = Vec::with_capacity(elements.len());
    let mut raw = Vec::with_capacity(elements.len());
    let Some(first) = elements.first() else {
        return Ok((prepared, raw));
    };
    let timestamp = match common_timestamp(&elements)? {
        Some(timestamp) => timestamp,
        None => first.now(),
    };
    for element in elements {
        let adapter = element.adapter()?;
        let (element, event) = element.prepare(adapter, timestamp)?;
        prepared.push(element);
        raw.push(event);
    }
    Ok((prepared, raw))
}

/// Returns the timestamp that the caller has set on events of a group, if any. Rejects different timestamps. The
/// original TypeScript library is also meant to reject them, but accepts them.
fn common_timestamp(elements: &[Box<dyn Element>]) -> Result<Option<Timestamp>, PushEventError> {
    let mut given = elements.iter().enumerate().filter_map(|(at, element)| Some((at, element.timestamp()?)));
    let Some((first, timestamp)) = given.next() else {
        return Ok(None);
    };
    match given.find(|(_, other)| *other != timestamp) {
        Some((second, _)) => Err(PushEventError::DifferentTimestamps { first, second }),
        None => Ok(Some(timestamp)),
    }
}

/// An event of a group that has passed all checks that do not need the storage.
pub(super) trait PreparedElement: Send + Sync {
    /// Converts an error of the storage into the error of the push. A conflict and a version gap already identify an
    /// event. All other errors get the store, aggregate id and version of this event.
    fn error(&self, source: StorageError) -> PushEventError;

    fn stored(self: Box<Self>, stored: PushReceipt) -> Box<dyn StoredElement>;
}

/// A stored event of a group.
pub(super) trait StoredElement: Send + Sync {
    /// Deletes the snapshots of the aggregate. They may be invalid, because the event may have replaced another event.
    fn forget_snapshots(&self) -> BoxFuture<'_, ()>;

    fn after_push<'a>(&'a self, forced: bool, held_back: &'a mut HeldBack) -> BoxFuture<'a, Vec<AfterPushFailure>>;

    /// Returns the event as a `PushedEvent` of its store.
    fn into_pushed(self: Box<Self>) -> Box<dyn Any + Send + Sync>;
}

impl<S: EventSourced, P: 'static> Element for GroupedEvent<S, P> {
    fn background(&self) -> Option<TaskCounter> {
        let follows = self.publishers.follow(&self.event_store.settings());
        follows.then(|| self.event_store.background().clone())
    }

    fn adapter(&self) -> Result<Arc<dyn EventStorageAdapter>, UndefinedEventStorageAdapterError> {
        self.event_store.settings().adapter().cloned()
    }

    fn timestamp(&self) -> Option<Timestamp> {
        self.event.timestamp
    }

    fn now(&self) -> Timestamp {
        self.event_store.settings().now()
    }

    fn refuse_hook(&self) -> Result<(), PushEventError> {
        match self.event_store.settings().on_event_pushed() {
            Some(_) => Err(PushEventError::HookInTransaction { event_store_id: S::EVENT_STORE_ID }),
            None => Ok(()),
        }
    }

    fn prepare(
        self: Box<Self>,
        adapter: Arc<dyn EventStorageAdapter>,
        timestamp: Timestamp,
    ) -> Result<(Box<dyn PreparedElement>, GroupedRawEvent), PushEventError> {
        let Self { event_store, publishers, event, .. } = *self;
        publishers.check()?;
        let (prepared, event) = Prepared::new(event, timestamp)?;
        prepared.check_integers(&event, &event_store.settings())?;
        let raw = GroupedRawEvent::new(adapter, S::EVENT_STORE_ID, event);
        Ok((Box::new(ElementOf { content: prepared, event_store, publishers }), raw))
    }
}

/// An event at some stage of a push, together with its store.
struct ElementOf<S: EventSourced, T> {
    content: T,
    event_store: crate::event_store::EventStore<S>,
    publishers: crate::event_store::after_push::Publishers<S>,
}

impl<S: EventSourced> PreparedElement for ElementOf<S, Prepared<S>> {
    fn error(&self, source: StorageError) -> PushEventError {
        self.content.error(source)
    }

    fn stored(self: Box<Self>, stored: PushReceipt) -> Box<dyn StoredElement> {
        let Self { content, event_store, publishers } = *self;
        Box::new(ElementOf { content: content.stored(stored), event_store, publishers })
    }
}

impl<S: EventSourced> StoredElement for ElementOf<S, PushedEvent<S>> {
    fn forget_snapshots(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.event_store.settings().forget_snapshots(&self.content.event.aggregate_id).await })
    }

    fn after_push<'a>(&'a self, forced: bool, held_back: &'a mut HeldBack) -> BoxFuture<'a, Vec<AfterPushFailure>> {
        Box::pin(async move {
            let settings = self.event_store.settings();
            self.publishers.run(&self.content, forced, &self.event_store, &settings, held_back).await
        })
    }

    fn into_pushed(self: Box<Self>) -> Box<dyn Any + Send + Sync> {
        Box::new(self.content)
    }
}
