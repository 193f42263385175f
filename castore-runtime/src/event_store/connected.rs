use std::fmt;

use castore_core::channel::{Carries, CarriesEvents, ConnectsTo, MessageChannel};
use castore_core::event_sourced::EventSourced;

use super::after_push::{PublishOnChannel, Publishers, WakeRelay};
use super::{EventStore, Store};

/// An event store that publishes pushed events on a message channel.
///
/// An event is stored first and then published. Events of one aggregate are published in the order in which they were
/// pushed, if each push is awaited before the next. If an event was stored but not published, the push returns
/// [`StoredButNotPublished`](super::PushEventError::StoredButNotPublished), which contains the stored event.
///
/// Everything else is shared with the original store: setting the storage adapter or the hook here also sets it there.
#[must_use = "events are published only if they are pushed through the connected store"]
pub struct ConnectedEventStore<S: EventSourced, C> {
    event_store: EventStore<S>,
    message_channel: C,
    publishers: Publishers<S>,
}

impl<S: EventSourced, C: MessageChannel> ConnectedEventStore<S, C> {
    /// Connects a store, which may already be connected, to a channel.
    ///
    /// Does not compile if the channel does not carry messages of the store, or if its messages contain no events.
    pub fn new(store: impl Store<S>, message_channel: impl ConnectsTo<S, Channel = C>) -> Self
    where
        C: Carries<S> + CarriesEvents,
    {
        let message_channel = message_channel.__channel();
        let publishers = store.__publishers().and(PublishOnChannel::new::<S>(message_channel.clone()));
        Self { event_store: store.event_store().clone(), message_channel, publishers }
    }

    /// Connects a store to a channel on which a relay publishes its events: a push only stores the event, and wakes the
    /// relays of the channel that run in this process.
    ///
    /// Does not compile if the channel does not carry messages of the store, or if its messages contain no events.
    pub fn via_relay(store: impl Store<S>, message_channel: impl ConnectsTo<S, Channel = C>) -> Self
    where
        C: Carries<S> + CarriesEvents,
    {
        let message_channel = message_channel.__channel();
        let publishers = store.__publishers().and(WakeRelay::new::<S, C>(&message_channel));
        Self { event_store: store.event_store().clone(), message_channel, publishers }
    }
}

impl<S: EventSourced, C> ConnectedEventStore<S, C> {
    /// Returns the channel.
    pub fn message_channel(&self) -> &C {
        &self.message_channel
    }
}

/// Returns the original event store, without its connections. With this impl, the compiler suggests `.into()` where an
/// unconnected store is expected, such as among the sources of a state-carrying channel.
impl<S: EventSourced, C> From<ConnectedEventStore<S, C>> for EventStore<S> {
    fn from(store: ConnectedEventStore<S, C>) -> Self {
        store.event_store
    }
}

/// The impl needs no further bounds: the channel was checked when the store was connected.
impl<S: EventSourced, C: Clone + Send + Sync + 'static> Store<S> for ConnectedEventStore<S, C> {
    fn event_store(&self) -> &EventStore<S> {
        &self.event_store
    }

    fn __publishers(&self) -> Publishers<S> {
        self.publishers.clone()
    }
}

impl<S: EventSourced, C: Clone> Clone for ConnectedEventStore<S, C> {
    fn clone(&self) -> Self {
        Self {
            event_store: self.event_store.clone(),
            message_channel: self.message_channel.clone(),
            publishers: self.publishers.clone(),
        }
    }
}

impl<S: EventSourced, C: MessageChannel> fmt::Debug for ConnectedEventStore<S, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ConnectedEventStore")
            .field("event_store", &self.event_store)
            .field("message_channel", &self.message_channel)
            .finish()
    }
}
