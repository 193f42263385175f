use std::fmt;
use std::ops::Deref;

use super::ReceivedMessage;
use crate::event::{Event, EventType};
use crate::event_sourced::EventSourced;

/// A subset of the events of an event enum, for listeners of selected event types. In such a listener, a `match` has to
/// handle only the events of the subset. Derive this trait with `#[derive(EventSubset)]`.
pub trait EventSubset: Clone + Send + Sync + Sized + 'static {
    /// The event enum.
    type Of: Event;

    /// The names of the variants. Each variant has the same name in the event enum.
    #[doc(hidden)]
    const VARIANTS: &'static [&'static str];

    /// Converts an event into the subset type, or returns `None` if the event does not belong to the subset.
    fn narrow(event: &Self::Of) -> Option<Self>;

    /// Returns the event types of the subset.
    fn event_types() -> Vec<<Self::Of as Event>::EventType> {
        let all = <Self::Of as Event>::EventType::ALL.iter().copied();
        let all = all.chain(<Self::Of as Event>::EventType::OTHER);
        // The generated enum of event types derives `Debug`, which prints the name of the variant.
        all.filter(|event_type| Self::VARIANTS.contains(&format!("{event_type:?}").as_str())).collect()
    }
}

/// Clones a field in generated code. If the field has another type in the subset, the compiler reports the error at the
/// user's field.
#[doc(hidden)]
pub fn clone_of<T: Clone>(field: &T) -> T {
    field.clone()
}

/// A subset of the events of event store `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a subset of the events of event store `{S}`",
    label = "not a subset of the events of `{S}`",
    note = "derive `EventSubset` for `{Self}`, with `#[event_subset(of = …)]` naming the event enum of `{S}`"
)]
pub trait EventSubsetOf<S: EventSourced>: Send + Sync + Sized + 'static {
    #[doc(hidden)]
    fn __event_types() -> Vec<<S::Event as Event>::EventType>;

    #[doc(hidden)]
    fn __narrow(event: &S::Event) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<S: EventSourced, E: EventSubset<Of = S::Event>> EventSubsetOf<S> for E {
    fn __event_types() -> Vec<<S::Event as Event>::EventType> {
        <E as EventSubset>::event_types()
    }

    fn __narrow(event: &S::Event) -> Option<Self> {
        <E as EventSubset>::narrow(event)
    }
}

/// A filter for a subset of a store's events. The handler receives each event as a value of the subset type. See
/// [`Filter::events`](crate::consumer::Filter::events).
pub struct SubsetFilter<S: EventSourced, E> {
    pub(super) on_replay: bool,
    /// The event types of the subset. They are computed once, and not for each message.
    pub(super) event_types: Vec<<S::Event as Event>::EventType>,
    pub(super) narrow: fn(&S::Event) -> Option<E>,
}

impl<S: EventSourced, E> SubsetFilter<S, E> {
    pub(super) fn new(on_replay: bool) -> Self
    where
        E: EventSubsetOf<S>,
    {
        Self { on_replay, event_types: E::__event_types(), narrow: E::__narrow }
    }

    /// Sets whether replayed messages pass, too. Defaults to `false`.
    #[must_use = "the method returns the changed filter"]
    pub fn on_replay(self, on_replay: bool) -> Self {
        Self { on_replay, ..self }
    }
}

impl<S: EventSourced, E> Clone for SubsetFilter<S, E> {
    fn clone(&self) -> Self {
        Self { on_replay: self.on_replay, event_types: self.event_types.clone(), narrow: self.narrow }
    }
}

impl<S: EventSourced, E> fmt::Debug for SubsetFilter<S, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SubsetFilter")
            .field("event_types", &self.event_types)
            .field("on_replay", &self.on_replay)
            .finish()
    }
}

/// A message `M` whose event belongs to the subset `E`. `NarrowedMessage` dereferences to the message.
pub struct NarrowedMessage<M, E> {
    /// The event as a member of the subset.
    pub payload: E,
    message: ReceivedMessage<M>,
}

impl<M, E> NarrowedMessage<M, E> {
    /// Creates a narrowed message, for adapters and for tests that call a handler.
    pub fn new(payload: E, message: ReceivedMessage<M>) -> Self {
        Self { payload, message }
    }

    /// Returns the whole message.
    pub fn message(&self) -> &ReceivedMessage<M> {
        &self.message
    }
}

impl<M, E> Deref for NarrowedMessage<M, E> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.message
    }
}

impl<M, E: Clone> Clone for NarrowedMessage<M, E> {
    fn clone(&self) -> Self {
        Self { payload: self.payload.clone(), message: self.message.clone() }
    }
}

impl<M: fmt::Debug, E> fmt::Debug for NarrowedMessage<M, E> {
    /// Omits the payload, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NarrowedMessage").field("message", &self.message).finish_non_exhaustive()
    }
}
