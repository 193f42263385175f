use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::message::AnyMessage;
use tokio::sync::Notify;

/// The identity of an event that a [`Pod`](super::Pod) has pushed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct JournaledEvent {
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate, as text.
    pub aggregate_id: String,
    /// The version of the event.
    pub version: u64,
}

impl JournaledEvent {
    /// Creates an identity from the ids and the version.
    pub fn new(event_store_id: impl Into<String>, aggregate_id: impl Into<String>, version: u64) -> Self {
        Self { event_store_id: event_store_id.into(), aggregate_id: aggregate_id.into(), version }
    }

    /// Returns the identity of an event.
    pub fn of<S: EventSourced>(event: &EventDetail<S>) -> Self {
        Self::new(S::EVENT_STORE_ID, event.aggregate_id.to_string(), event.version)
    }
}

/// A record of the events that the pods of a [`Rolling`](super::Rolling) deployment have pushed and handled. Clones
/// share the record.
#[derive(Clone, Default)]
pub struct Journal(Arc<Shared>);

#[derive(Default)]
struct Shared {
    entries: Mutex<Entries>,
    changed: Notify,
}

#[derive(Default)]
struct Entries {
    pushed: Vec<(Arc<str>, JournaledEvent)>,
    /// The pods whose handlers were called with an event, in the order of the calls.
    handled: HashMap<JournaledEvent, Vec<Arc<str>>>,
}

impl Journal {
    /// Returns all events that were pushed, in the order of their pushes.
    pub fn pushed(&self) -> Vec<JournaledEvent> {
        self.entries().pushed.iter().map(|(_, event)| event.clone()).collect()
    }

    /// Returns the events that a pod has pushed.
    pub fn pushed_by(&self, pod: &str) -> Vec<JournaledEvent> {
        let entries = self.entries();
        entries.pushed.iter().filter(|(by, _)| **by == *pod).map(|(_, event)| event.clone()).collect()
    }

    /// Returns the names of the pods that have handled an event. A pod is listed once for each call of its handler,
    /// because a broker may deliver an event more than once.
    pub fn handled_by(&self, event: &JournaledEvent) -> Vec<String> {
        self.entries().handled.get(event).into_iter().flatten().map(|pod| pod.to_string()).collect()
    }

    /// Returns the events that were pushed and that no pod has handled.
    pub fn unhandled(&self) -> Vec<JournaledEvent> {
        let entries = self.entries();
        let pushed = entries.pushed.iter().map(|(_, event)| event);
        pushed.filter(|event| !entries.handled.contains_key(*event)).cloned().collect()
    }

    /// Waits until a condition is true. The condition is checked immediately, and whenever an event was pushed or
    /// handled.
    pub async fn until(&self, mut wanted: impl FnMut(&Self) -> bool) {
        loop {
            let mut changed = pin!(self.0.changed.notified());
            changed.as_mut().enable();
            if wanted(self) {
                return;
            }
            changed.await;
        }
    }

    /// Returns the handle with which one pod writes to this journal.
    pub fn of_pod(&self, pod: impl Into<Arc<str>>) -> PodJournal {
        PodJournal { journal: self.clone(), pod: pod.into() }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries();
        formatter
            .debug_struct("Journal")
            .field("pushed", &entries.pushed.len())
            .field("handled", &entries.handled.len())
            .finish()
    }
}

/// A handle with which one pod writes to the [`Journal`].
#[derive(Debug, Clone)]
pub struct PodJournal {
    journal: Journal,
    pod: Arc<str>,
}

impl PodJournal {
    /// Returns the name of the pod.
    pub fn pod(&self) -> &str {
        &self.pod
    }

    /// Records that the pod has handled a message about an event. Call this method when the handler succeeds. Messages
    /// without a version are ignored.
    pub fn handled(&self, message: &impl AnyMessage) {
        let Some(version) = message.version() else { return };
        let event = JournaledEvent::new(message.event_store_id(), message.aggregate_id(), version);
        self.journal.entries().handled.entry(event).or_default().push(self.pod.clone());
        self.journal.0.changed.notify_waiters();
    }

    /// Records an event that the pod has pushed. [`Rolling`](super::Rolling) calls this method.
    pub fn pushed(&self, event: JournaledEvent) {
        self.journal.entries().pushed.push((self.pod.clone(), event));
        self.journal.0.changed.notify_waiters();
    }
}
