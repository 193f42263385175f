//! Collections of event stores that are poured together.

use std::fmt;

use castore_core::channel::{Carries, CarriesEvents};
use castore_core::consumer::EventTypeOf;
use castore_core::event::Event;
use castore_core::event_sourced::EventSourced;
use castore_runtime::event_store::{EventStore, PublishableOn, PublishableVisitor, Store};

use crate::channel::{EventPublisher, TakesEvents};
use crate::merge::{Scan, StoreScan};

/// Returns a selection of the events of an event store by type. Until the first call of [`EventsOf::event_type`], the
/// selection contains the events of all types. Pass the selection to
/// [`pour_event_store_collection_events`](crate::pour_event_store_collection_events) in place of the store.
pub fn events_of<S: EventSourced>(event_store: &impl Store<S>) -> EventsOf<S> {
    EventsOf { event_store: event_store.event_store().clone(), event_types: Vec::new() }
}

/// A selection of the events of an event store by event type. See [`events_of`].
pub struct EventsOf<S: EventSourced> {
    event_store: EventStore<S>,
    event_types: Vec<<S::Event as Event>::EventType>,
}

impl<S: EventSourced> EventsOf<S> {
    /// Selects an event type. Call this method again to add more types. Without this method, all events are poured.
    #[must_use = "the method returns the narrowed events"]
    pub fn event_type<T: EventTypeOf<S>>(mut self, event_type: T) -> Self {
        self.event_types.push(event_type.into_event_type());
        self
    }
}

impl<S: EventSourced> Clone for EventsOf<S> {
    fn clone(&self) -> Self {
        Self { event_store: self.event_store.clone(), event_types: self.event_types.clone() }
    }
}

impl<S: EventSourced> fmt::Debug for EventsOf<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventsOf")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("event_types", &self.event_types)
            .finish()
    }
}

/// A source of events for message channel `C`: a reference to an event store, or the result of [`events_of`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be poured: it is not an event store",
    label = "not an event store",
    note = "pass a reference to an event store, or the result of `events_of(…)`"
)]
pub trait PourSource<C: TakesEvents> {
    #[doc(hidden)]
    fn __scan(self, channel: &C) -> ErasedScan;
}

/// A collection of event stores whose events can be poured into message channel `C` together.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be poured: it is not a collection of event stores",
    label = "not a collection of event stores",
    note = "pass a tuple of references to up to twelve event stores: `(&pokemons, &trainers)`"
)]
pub trait EventStoreCollection<C: TakesEvents> {
    #[doc(hidden)]
    fn __scans(self, channel: &C) -> Vec<ErasedScan>;
}

#[doc(hidden)]
pub struct ErasedScan(pub(crate) Box<dyn Scan>);

/// Creates a scan of all events of a store. The type of the store is not erased, so that the caller can select event
/// types.
pub(crate) fn scan_of<S: EventSourced, C: Carries<S> + TakesEvents>(
    event_store: &EventStore<S>,
    channel: &C,
) -> StoreScan<S> {
    StoreScan::new(event_store.clone(), EventPublisher::new(event_store.clone(), channel.clone()))
}

impl<C: TakesEvents, E: PublishableOn<C>> PourSource<C> for &E {
    fn __scan(self, channel: &C) -> ErasedScan {
        self.__visit(ScanAll(channel))
    }
}

/// A visitor that creates scans of all events of a store.
struct ScanAll<'a, C>(&'a C);

impl<C: TakesEvents> PublishableVisitor<C> for ScanAll<'_, C> {
    type Output = ErasedScan;

    fn visit<S: EventSourced>(self, event_store: &EventStore<S>) -> ErasedScan
    where
        C: Carries<S> + CarriesEvents,
    {
        ErasedScan(Box::new(scan_of(event_store, self.0)))
    }
}

impl<S: EventSourced, C: Carries<S> + TakesEvents> PourSource<C> for EventsOf<S> {
    fn __scan(self, channel: &C) -> ErasedScan {
        let mut scan = scan_of(&self.event_store, channel);
        for event_type in self.event_types {
            scan.add_event_type(event_type);
        }
        ErasedScan(Box::new(scan))
    }
}

impl<C: TakesEvents> EventStoreCollection<C> for () {
    fn __scans(self, _: &C) -> Vec<ErasedScan> {
        Vec::new()
    }
}

macro_rules! tuples {
    ($($($store:ident)+;)+) => {$(
        impl<Ch: TakesEvents, $($store: PourSource<Ch>),+> EventStoreCollection<Ch> for ($($store,)+) {
            fn __scans(self, channel: &Ch) -> Vec<ErasedScan> {
                #[allow(non_snake_case)]
                let ($($store,)+) = self;
                vec![$($store.__scan(channel)),+]
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}
