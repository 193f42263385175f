use std::fmt;
use std::marker::PhantomData;

use super::EventOf;
use crate::aggregate::Aggregate;
use crate::context::EventContext;
use crate::event::{EventDetail, StoredEvent};
use crate::event_sourced::{EventSourced, GivenMetadata, MaybeMetadata, TakesAggregateId};
use crate::time::Timestamp;

/// An event to be pushed.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # fn main() {
/// let event = NewEvent::new("pikachu1", 1, PokemonEvent::Appeared { name: "Pikachu".into(), level: 5 });
/// # let _: NewEvent<Pokemon> = event;
/// # }
/// ```
///
/// The event enum determines the event store. If one enum belongs to several stores, specify the store:
/// `NewEvent::<Pokemon>::new(…)`.
///
/// The parameter `M` states whether the event is known to have metadata. It matters only if the event store is declared
/// with `metadata(required) = …`: the type of an event with metadata is then `NewEvent<S, WithMetadata>`. In all other
/// cases, every event is a `NewEvent<S>`.
#[must_use = "an event happens only when it is pushed"]
pub struct NewEvent<S: EventSourced, M = MaybeMetadata> {
    /// The id of the aggregate.
    pub aggregate_id: S::AggregateId,
    /// The version of the aggregate after the event: 1 for the first event, then increasing by 1.
    pub version: u64,
    /// The time of the event. `None` means the time of the push.
    pub timestamp: Option<Timestamp>,
    /// The payload, which determines the event type.
    pub payload: S::Event,
    /// The metadata.
    pub metadata: Option<S::Metadata>,
    /// The aggregate before this event, if the caller has it. With this aggregate, publishing on a state-carrying
    /// channel needs no read, and the push returns the next aggregate.
    pub prev_aggregate: Option<Aggregate<S>>,
    /// The context. If it is `None`, the event is stored with the context that is [current](EventContext::current) at
    /// the time of the push.
    pub context: Option<EventContext>,
    /// The event as it was read, if the event is stored again and must keep undeclared fields: see [`StoredEvent`].
    #[doc(hidden)]
    pub __stored: Option<Box<StoredEvent<S>>>,
    #[doc(hidden)]
    pub __origin: EventOrigin<M>,
}

impl<S: EventSourced> NewEvent<S> {
    /// Creates an event whose timestamp is the time of the push.
    pub fn new<I>(aggregate_id: I, version: u64, payload: impl EventOf<S>) -> NewEvent<S>
    where
        S: TakesAggregateId<I>,
    {
        Self {
            aggregate_id: S::take_aggregate_id(aggregate_id),
            version,
            timestamp: None,
            payload: payload.into(),
            metadata: None,
            prev_aggregate: None,
            context: None,
            __stored: None,
            __origin: EventOrigin::NEW,
        }
    }
}

impl<S: EventSourced, M> NewEvent<S, M> {
    /// Sets the timestamp. Defaults to the time of the push.
    pub fn timestamp(self, timestamp: impl Into<Timestamp>) -> Self {
        Self { timestamp: Some(timestamp.into()), ..self }
    }

    /// Sets the metadata. Defaults to the metadata that the store gives to new events, if there is any: see
    /// `Store::with_metadata`.
    ///
    /// If the event store is declared with `metadata(required) = …`, the returned type is
    /// `NewEvent<S, WithMetadata>`, and otherwise `NewEvent<S>`.
    pub fn metadata(self, metadata: S::Metadata) -> NewEvent<S, GivenMetadata<S>> {
        let event = self.__with_parameter();
        NewEvent { metadata: Some(metadata), ..event }
    }

    /// Sets the context. Defaults to the context that is [current](EventContext::current) at the time of the push.
    pub fn context(self, context: EventContext) -> Self {
        Self { context: Some(context), ..self }
    }

    /// Sets the aggregate as it was before this event. Pass an aggregate, or the `Option` that an event store returns.
    /// As in the original TypeScript package, a push does not check that the id and the version of this aggregate match
    /// the event. [`Aggregate::next_event`] sets the previous aggregate automatically.
    pub fn prev_aggregate(self, prev_aggregate: impl PreviousAggregate<S>) -> Self {
        Self { prev_aggregate: prev_aggregate.into_previous(), ..self }
    }

    /// Returns the event with another parameter `M`.
    #[doc(hidden)]
    pub fn __with_parameter<N>(self) -> NewEvent<S, N> {
        let Self { aggregate_id, version, timestamp, payload, metadata, prev_aggregate, context, __stored, __origin } =
            self;
        let __origin = EventOrigin { lacked_metadata: __origin.lacked_metadata, metadata: PhantomData };
        NewEvent { aggregate_id, version, timestamp, payload, metadata, prev_aggregate, context, __stored, __origin }
    }

    /// Returns whether the event was stored without metadata before, so that it may be pushed again without metadata.
    #[doc(hidden)]
    pub fn __lacked_metadata(&self) -> bool {
        self.__origin.lacked_metadata
    }
}

/// Whether an event was stored without metadata before, and the parameter `M` of its type.
#[doc(hidden)]
pub struct EventOrigin<M> {
    lacked_metadata: bool,
    metadata: PhantomData<fn() -> M>,
}

impl EventOrigin<MaybeMetadata> {
    pub(crate) const NEW: Self = Self { lacked_metadata: false, metadata: PhantomData };
}

impl<M> Clone for EventOrigin<M> {
    fn clone(&self) -> Self {
        Self { lacked_metadata: self.lacked_metadata, metadata: PhantomData }
    }
}

/// The aggregate before an event of event store `S`: an `Aggregate<S>`, or an `Option` of it.
#[diagnostic::on_unimplemented(
    message = "expected an aggregate of event store `{S}`, found `{Self}`",
    label = "not an aggregate of `{S}`",
    note = "pass the `Aggregate<{S}>` before the event, or an `Option` of it"
)]
pub trait PreviousAggregate<S: EventSourced> {
    /// Returns the aggregate, if there is one.
    fn into_previous(self) -> Option<Aggregate<S>>;
}

impl<S: EventSourced> PreviousAggregate<S> for Aggregate<S> {
    fn into_previous(self) -> Option<Aggregate<S>> {
        Some(self)
    }
}

impl<S: EventSourced> PreviousAggregate<S> for Option<Aggregate<S>> {
    fn into_previous(self) -> Self {
        self
    }
}

/// Converts a stored event into an event that can be pushed again, to another storage or with `force`. The new event
/// keeps the timestamp, the metadata and the context. If the stored event has no metadata, the new event has none, even
/// if it is pushed on a store that gives metadata to new events. An event that was created with [`EventDetail::new`] is
/// not stored, so all rules for new events apply to it. Fields that the types do not declare are lost. To keep these
/// fields, convert a [`StoredEvent`].
impl<S: EventSourced> From<EventDetail<S>> for NewEvent<S, GivenMetadata<S>> {
    fn from(event: EventDetail<S>) -> Self {
        let EventDetail { aggregate_id, version, timestamp, payload, metadata, context, lacked_metadata } = event;
        Self {
            aggregate_id,
            version,
            timestamp: Some(timestamp),
            payload,
            metadata,
            prev_aggregate: None,
            context: Some(context),
            __stored: None,
            __origin: EventOrigin { lacked_metadata, metadata: PhantomData },
        }
    }
}

impl<S: EventSourced, M> Clone for NewEvent<S, M> {
    fn clone(&self) -> Self {
        Self {
            aggregate_id: self.aggregate_id.clone(),
            version: self.version,
            timestamp: self.timestamp,
            payload: self.payload.clone(),
            metadata: self.metadata.clone(),
            prev_aggregate: self.prev_aggregate.clone(),
            context: self.context.clone(),
            __stored: self.__stored.clone(),
            __origin: self.__origin.clone(),
        }
    }
}

impl<S: EventSourced, M> fmt::Debug for NewEvent<S, M> {
    /// Omits payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::event::Event as _;
        formatter
            .debug_struct("NewEvent")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("version", &self.version)
            .field("event_type", &format_args!("{}", self.payload.event_type()))
            .finish_non_exhaustive()
    }
}
