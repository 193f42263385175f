use std::fmt;
use std::marker::PhantomData;

use castore_core::channel::{Carries, CarriesEvents, ConnectsTo, MessageChannel};
use castore_core::event_sourced::{EventSourced, GivenMetadata};

use super::after_push::{PublishOnChannel, Publishers, WakeRelay};
use super::metadata::{AcceptsEvent, MetadataSource};
use super::{AsDeclared, ByPush, ByRelay, EventStore, Publishing, Store};

/// An event store that is connected to message channels: its pushed events are published on these channels.
///
/// A push first stores the event. For each channel that was connected with [`connect`](Store::connect), the push then
/// publishes the event. Events of one aggregate are published in the order in which they were pushed, if each push is
/// awaited before the next. If the event was stored but not published, the push returns
/// [`StoredButNotPublished`](super::PushEventError::StoredButNotPublished), which contains the stored event.
///
/// The type parameter `C` is the channel to which the store was connected last. The type parameter `P` states how the
/// events are published: see [`Publishing`]. On an unconnected store, [`connect`](Store::connect) returns a store whose
/// pushes publish the events, and [`connect_via_relay`](Store::connect_via_relay) returns a [`RelayedEventStore`],
/// whose events are published by a relay. The type parameter `A` states whether the store gives metadata to new events:
/// see [`Store::Metadata`].
///
/// The settings are shared with the original store: setting the storage adapter or the hook on one of the two stores
/// also sets it on the other.
#[must_use = "events are published only if they are pushed through the connected store"]
pub struct ConnectedEventStore<S: EventSourced, C, P = ByPush<C>, A = AsDeclared> {
    event_store: EventStore<S>,
    message_channel: C,
    publishers: Publishers<S>,
    metadata: Option<MetadataSource<S>>,
    types: PhantomData<fn() -> (P, A)>,
}

/// An event store whose events are published only by relays. [`connect_via_relay`](Store::connect_via_relay) returns
/// this type if it is called on an [`EventStore`] or on another `RelayedEventStore`. `C` is the channel to which the
/// store was connected last.
pub type RelayedEventStore<S, C> = ConnectedEventStore<S, C, ByRelay>;

impl<S: EventSourced, C: MessageChannel, A> ConnectedEventStore<S, C, ByPush<C>, A> {
    /// Connects a store, which may already be connected, to a channel.
    ///
    /// The channel must carry messages of the store, and these messages must contain events. Otherwise, the call does
    /// not compile.
    pub fn new(store: impl Store<S, Metadata = A>, message_channel: impl ConnectsTo<S, Channel = C>) -> Self
    where
        C: Carries<S> + CarriesEvents,
    {
        let message_channel = message_channel.__channel();
        let publishers = store.__publishers().and(PublishOnChannel::new::<S>(message_channel.clone()));
        Self::connected(&store, message_channel, publishers)
    }
}

impl<S: EventSourced, C: MessageChannel, P: Publishing, A> ConnectedEventStore<S, C, P, A> {
    /// Connects a store to a channel on which a relay publishes the events. For this channel, a push only wakes the
    /// relays that run in this process.
    ///
    /// The channel must carry messages of the store, and these messages must contain events. Otherwise, the call does
    /// not compile.
    pub fn via_relay(
        store: impl Store<S, Publishing: Publishing<AndByRelay = P>, Metadata = A>,
        message_channel: impl ConnectsTo<S, Channel = C>,
    ) -> Self
    where
        C: Carries<S> + CarriesEvents,
    {
        let message_channel = message_channel.__channel();
        let publishers = store.__publishers().and(WakeRelay::new::<S, C>(&message_channel));
        Self::connected(&store, message_channel, publishers)
    }
}

impl<S: EventSourced, C, P, A> ConnectedEventStore<S, C, P, A> {
    fn connected(store: &impl Store<S>, message_channel: C, publishers: Publishers<S>) -> Self {
        let (event_store, metadata) = (store.event_store().clone(), store.__metadata().cloned());
        Self { event_store, message_channel, publishers, metadata, types: PhantomData }
    }

    /// Returns the channel to which the store was connected last.
    pub fn message_channel(&self) -> &C {
        &self.message_channel
    }
}

/// Converts a connected store into the original event store, without the connections and without the metadata of
/// [`with_metadata`](Store::with_metadata). Because of this impl, the
/// compiler suggests `.into()` where an unconnected store is expected, for example in the sources of a state-carrying
/// channel.
impl<S: EventSourced, C, P, A> From<ConnectedEventStore<S, C, P, A>> for EventStore<S> {
    fn from(store: ConnectedEventStore<S, C, P, A>) -> Self {
        store.event_store
    }
}

/// This impl does not repeat the bounds on the channel, because they were checked when the store was connected.
impl<S, C, P, A> Store<S> for ConnectedEventStore<S, C, P, A>
where
    S: EventSourced,
    C: Clone + Send + Sync + 'static,
    P: Publishing,
    A: AcceptsEvent<S, GivenMetadata<S>> + 'static,
{
    type Publishing = P;
    type Metadata = A;

    fn event_store(&self) -> &EventStore<S> {
        &self.event_store
    }

    fn __publishers(&self) -> Publishers<S> {
        self.publishers.clone()
    }

    fn __metadata(&self) -> Option<&MetadataSource<S>> {
        self.metadata.as_ref()
    }
}

impl<S: EventSourced, C: Clone, P, A> Clone for ConnectedEventStore<S, C, P, A> {
    fn clone(&self) -> Self {
        Self {
            event_store: self.event_store.clone(),
            message_channel: self.message_channel.clone(),
            publishers: self.publishers.clone(),
            metadata: self.metadata.clone(),
            types: PhantomData,
        }
    }
}

impl<S: EventSourced, C: MessageChannel, P, A> fmt::Debug for ConnectedEventStore<S, C, P, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ConnectedEventStore")
            .field("event_store", &self.event_store)
            .field("message_channel", &self.message_channel)
            .finish()
    }
}
