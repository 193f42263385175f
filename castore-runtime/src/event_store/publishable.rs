use castore_core::channel::{Carries, CarriesEvents, MessageChannel};
use castore_core::event_sourced::{EventSourced, GivenMetadata};

use super::metadata::AcceptsEvent;
use super::{ConnectedEventStore, EventStore, Publishing, Store, StoreWithMetadata};

/// An event store whose stored events can be published on channel `C` by a relay or a replay.
///
/// Implemented for [`EventStore`], [`ConnectedEventStore`] and [`StoreWithMetadata`], if the channel carries messages of
/// the store and these messages contain events.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store whose events can be published on message channel `{C}`",
    label = "not an event store",
    note = "pass an `EventStore<…>`, or a connected event store"
)]
pub trait PublishableOn<C: MessageChannel> {
    /// Calls `visitor` with the event store.
    #[doc(hidden)]
    fn __visit<V: PublishableVisitor<C>>(&self, visitor: V) -> V::Output;
}

/// A visitor that receives an event store with its type. Relays and replays use it to check the store, and then erase
/// the type.
#[doc(hidden)]
pub trait PublishableVisitor<C: MessageChannel> {
    type Output;

    fn visit<S: EventSourced>(self, event_store: &EventStore<S>) -> Self::Output
    where
        C: Carries<S> + CarriesEvents;
}

impl<S: EventSourced, C: Carries<S> + CarriesEvents> PublishableOn<C> for EventStore<S> {
    fn __visit<V: PublishableVisitor<C>>(&self, visitor: V) -> V::Output {
        visitor.visit(self)
    }
}

impl<S, C, D, P, A> PublishableOn<C> for ConnectedEventStore<S, D, P, A>
where
    S: EventSourced,
    C: Carries<S> + CarriesEvents,
    D: Clone + Send + Sync + 'static,
    P: Publishing,
    A: AcceptsEvent<S, GivenMetadata<S>> + 'static,
{
    fn __visit<V: PublishableVisitor<C>>(&self, visitor: V) -> V::Output {
        visitor.visit(self.event_store())
    }
}

impl<S, C, P> PublishableOn<C> for StoreWithMetadata<S, P>
where
    S: EventSourced,
    C: Carries<S> + CarriesEvents,
    P: Publishing,
{
    fn __visit<V: PublishableVisitor<C>>(&self, visitor: V) -> V::Output {
        visitor.visit(self.event_store())
    }
}
