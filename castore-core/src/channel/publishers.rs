use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// A kind of publisher. A publisher is a part of a program that publishes the events of a store on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Publisher {
    /// The event stores that are connected to the channel. They publish after each push.
    Connected,
    /// A relay, which publishes from the event log.
    Relay,
}

/// The error that reports that the events of a store would be published twice on one channel: by connected event stores
/// and by a relay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the events of event store {event_store_id} would be published twice on message channel {message_channel_id}: by a \
     connected store and by a relay; use `connect_via_relay` for every event store with this id, or remove the relay"
)]
pub struct TwoPublishersError {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the channel.
    pub message_channel_id: &'static str,
}

/// The registered publishers of a channel in this process, and a signal that makes relays look for new events at once.
#[derive(Clone)]
pub(super) struct Publishers {
    counts: Arc<Mutex<HashMap<(&'static str, Publisher), usize>>>,
    wake: Arc<watch::Sender<u64>>,
}

impl Default for Publishers {
    fn default() -> Self {
        Self { counts: Arc::default(), wake: Arc::new(watch::Sender::new(0)) }
    }
}

impl Publishers {
    fn counts(&self) -> MutexGuard<'_, HashMap<(&'static str, Publisher), usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn register(&self, event_store_ids: Vec<&'static str>, publisher: Publisher) -> Registration {
        let mut counts = self.counts();
        for event_store_id in &event_store_ids {
            *counts.entry((event_store_id, publisher)).or_default() += 1;
        }
        drop(counts);
        Registration(Arc::new(Registered { publishers: self.clone(), event_store_ids, publisher }))
    }
}

/// The registration of a publisher on a channel, for some event stores. The registration ends when its last clone is
/// dropped.
#[derive(Clone)]
pub struct Registration(Arc<Registered>);

struct Registered {
    publishers: Publishers,
    event_store_ids: Vec<&'static str>,
    publisher: Publisher,
}

impl Registration {
    /// Checks that no publisher of the other kind is registered for the same stores: no relay if this publisher is a
    /// connected event store, and no connected event store if this publisher is a relay.
    ///
    /// # Errors
    /// [`TwoPublishersError`] if such a publisher is registered for one of the stores.
    pub fn check(&self, message_channel_id: &'static str) -> Result<(), TwoPublishersError> {
        let other = match self.0.publisher {
            Publisher::Connected => Publisher::Relay,
            Publisher::Relay => Publisher::Connected,
        };
        let counts = self.0.publishers.counts();
        match self.0.event_store_ids.iter().find(|id| counts.contains_key(&(**id, other))) {
            Some(event_store_id) => Err(TwoPublishersError { event_store_id, message_channel_id }),
            None => Ok(()),
        }
    }

    /// Wakes the relays of the channel.
    pub fn wake_relays(&self) {
        self.0.publishers.wake.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Returns a receiver that is notified when relays should look for new events.
    pub fn wake_ups(&self) -> watch::Receiver<u64> {
        self.0.publishers.wake.subscribe()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut counts = self.publishers.counts();
        for event_store_id in &self.event_store_ids {
            let key = (*event_store_id, self.publisher);
            match counts.get_mut(&key) {
                Some(count) if *count > 1 => *count -= 1,
                _ => {
                    counts.remove(&key);
                }
            }
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Registration")
            .field("event_store_ids", &self.0.event_store_ids)
            .field("publisher", &self.0.publisher)
            .finish()
    }
}
