use castore_core::channel::{Carries, CarriesEvents, MessageChannel};
use castore_core::event_sourced::EventSourced;
use castore_core::message::EventCarrying;
use castore_core::storage::StorageId;
use castore_runtime::event_store::{EventStore, PublishableOn, PublishableVisitor};

use super::folding::Folding;
use super::message_source::MessageSource;

/// Erases the type of an event store whose events are published on channel `C`.
pub fn publishable_store<C: MessageChannel>(event_store: &impl PublishableOn<C>) -> PublishableStore<C> {
    event_store.__visit(Erase)
}

struct Erase;

impl<C: MessageChannel> PublishableVisitor<C> for Erase {
    type Output = PublishableStore<C>;

    fn visit<S: EventSourced>(self, event_store: &EventStore<S>) -> PublishableStore<C>
    where
        C: Carries<S> + CarriesEvents,
    {
        let event_store = event_store.clone();
        let stored = event_store.clone();
        let storage = Box::new(move || Some(stored.event_storage_adapter()?.storage_id()));
        let make_source = <C::Kind as EventCarrying>::CARRIES_STATE.then(|| {
            let make = move |cached_aggregates| {
                Box::new(Folding::<S, C>::new(event_store, cached_aggregates)) as Box<dyn MessageSource<C::Message>>
            };
            Box::new(make) as MakeSource<C::Message>
        });
        PublishableStore { event_store_id: S::EVENT_STORE_ID, storage, make_source }
    }
}

/// A function that creates the message source of an event store. The argument is the number of aggregates to cache.
pub type MakeSource<M> = Box<dyn FnOnce(usize) -> Box<dyn MessageSource<M>> + Send>;

/// An event store whose events are published on a channel. The type of the store was checked and is erased.
pub struct PublishableStore<C: MessageChannel> {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// A function that returns the current storage of the event store, if it has one.
    pub storage: Box<dyn Fn() -> Option<StorageId> + Send + Sync>,
    /// A function that creates the message source. `None` if the messages do not contain the aggregate.
    pub make_source: Option<MakeSource<C::Message>>,
}
