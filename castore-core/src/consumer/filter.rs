use std::fmt;
use std::marker::PhantomData;

use super::{EventSubsetOf, SubsetFilter};
use crate::event::Event;
use crate::event_sourced::EventSourced;

/// A filter for the messages of a listener: all messages, the messages of one store, or the messages of some event
/// types of one store.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # fn main() {
/// let all = Filter::all();
/// let of_store = Filter::store::<Pokemon>();
/// let of_type = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared).on_replay(true);
/// # let _ = (all, of_store, of_type);
/// # }
/// ```
///
/// Replayed messages pass only filters with `on_replay(true)`. Live messages pass regardless of this setting.
pub struct Filter<S = AnyStore> {
    pub(super) on_replay: bool,
    store: PhantomData<fn() -> S>,
}

/// A placeholder for all stores of a channel, in [`Filter::all`].
#[derive(Debug)]
pub enum AnyStore {}

impl Filter<AnyStore> {
    /// Returns a filter for all messages of the channel.
    pub fn all() -> Self {
        Self { on_replay: false, store: PhantomData }
    }

    /// Returns a filter for the messages of one store.
    pub fn store<S: EventSourced>() -> Filter<S> {
        Filter { on_replay: false, store: PhantomData }
    }

    /// A call of this method never compiles, because an event type belongs to one store. The method exists so that the
    /// compile error gives this explanation, instead of reporting a missing method.
    #[doc(hidden)]
    #[must_use = "the method returns the narrowed filter"]
    pub fn event_type<T: EventTypeOfAllStores>(self, _: T) -> Self {
        self
    }
}

impl<S> Filter<S> {
    /// Sets whether replayed messages pass, too. Defaults to `false`.
    #[must_use = "the method returns the changed filter"]
    pub fn on_replay(mut self, on_replay: bool) -> Self {
        self.on_replay = on_replay;
        self
    }
}

impl<S: EventSourced> Filter<S> {
    /// Restricts the filter to events of this type. Call `event_type` again to add more types.
    pub fn event_type<T: EventTypeOf<S>>(self, event_type: T) -> EventTypeFilter<S> {
        EventTypeFilter { on_replay: self.on_replay, event_types: vec![event_type.into_event_type()] }
    }

    /// Restricts the filter to the events of `E`, a subset of the store's events. The handler receives each event as an
    /// `E`, in a [`NarrowedMessage`](crate::consumer::NarrowedMessage), so that a `match` in the handler has to cover
    /// only this subset.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
    /// /// The events for which a mail is sent.
    /// #[derive(Debug, Clone, EventSubset)]
    /// #[event_subset(of = PokemonEvent)]
    /// enum Mailed {
    ///     Appeared { name: String, level: u32 },
    ///     LeveledUp,
    /// }
    ///
    /// # fn main() {
    /// # let app_bus = AppBus::new();
    /// let listener = InMemoryMessageBusAdapter::attach_to(&app_bus);
    /// listener.on(Filter::store::<Pokemon>().events::<Mailed>(), |message, _| async move {
    ///     match &message.payload {
    ///         Mailed::Appeared { name, level } => println!("{name} appeared, of level {level}"),
    ///         Mailed::LeveledUp => println!("{} leveled up", message.event.aggregate_id),
    ///     }
    ///     Ok(())
    /// });
    /// # }
    /// ```
    pub fn events<E: EventSubsetOf<S>>(self) -> SubsetFilter<S, E> {
        SubsetFilter::new(self.on_replay)
    }
}

/// A filter for events of some types of one store. See [`Filter::event_type`].
pub struct EventTypeFilter<S: EventSourced> {
    pub(super) on_replay: bool,
    pub(super) event_types: Vec<<S::Event as Event>::EventType>,
}

impl<S: EventSourced> EventTypeFilter<S> {
    /// Adds an event type.
    #[must_use = "the method returns the changed filter"]
    pub fn event_type<T: EventTypeOf<S>>(mut self, event_type: T) -> Self {
        self.event_types.push(event_type.into_event_type());
        self
    }

    /// Sets whether replayed messages pass, too. Defaults to `false`.
    #[must_use = "the method returns the changed filter"]
    pub fn on_replay(mut self, on_replay: bool) -> Self {
        self.on_replay = on_replay;
        self
    }

    /// Returns the event types that pass the filter.
    pub fn event_types(&self) -> &[<S::Event as Event>::EventType] {
        &self.event_types
    }
}

/// An event type of event store `S`.
#[diagnostic::on_unimplemented(
    message = "expected an event type of event store `{S}`, found `{Self}`",
    label = "not an event type of `{S}`",
    note = "pass a variant of the `…EventType` enum that `#[derive(Event)]` generates for the events of `{S}`; events, and event types of other stores, cannot be used here"
)]
pub trait EventTypeOf<S: EventSourced> {
    #[doc(hidden)]
    fn into_event_type(self) -> <S::Event as Event>::EventType;
}

/// A bound that no type satisfies. Its purpose is the compile error for `Filter::all().event_type(…)`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`Filter::all()` cannot filter by event type `{Self}`: an event type belongs to one event store",
    label = "an event type of one event store",
    note = "select the event store first: `Filter::store::<…>().event_type(…)`"
)]
pub trait EventTypeOfAllStores {}

#[diagnostic::do_not_recommend]
impl<S: EventSourced<Event: Event<EventType = T>>, T> EventTypeOf<S> for T {
    fn into_event_type(self) -> T {
        self
    }
}

impl<S> Clone for Filter<S> {
    fn clone(&self) -> Self {
        Self { on_replay: self.on_replay, store: PhantomData }
    }
}

impl<S> fmt::Debug for Filter<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Filter").field("on_replay", &self.on_replay).finish_non_exhaustive()
    }
}

impl<S: EventSourced> Clone for EventTypeFilter<S> {
    fn clone(&self) -> Self {
        Self { on_replay: self.on_replay, event_types: self.event_types.clone() }
    }
}

impl<S: EventSourced> fmt::Debug for EventTypeFilter<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventTypeFilter")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("event_types", &self.event_types)
            .field("on_replay", &self.on_replay)
            .finish()
    }
}
