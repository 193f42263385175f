//! The parts that make a domain type an event store: its events, metadata, id type and reducer.

mod aggregate_id;
mod metadata;
mod metadata_rule;
mod reduce_error;
mod state;

#[doc(hidden)]
pub use aggregate_id::is_aggregate_id;
pub use aggregate_id::{AggregateId, IntoAggregateId, TakesAggregateId};
pub use metadata::{Metadata, NoMetadata};
#[doc(hidden)]
pub use metadata::{has_metadata, is_metadata};
#[doc(hidden)]
pub use metadata_rule::{AcceptsMetadata, GivenMetadata};
pub use metadata_rule::{MaybeMetadata, MetadataRule, OptionalMetadata, RequiredMetadata, WithMetadata};
pub use reduce_error::ReduceError;
pub use state::AggregateState;
#[doc(hidden)]
pub use state::is_state;

use crate::describe::Described;
use crate::event::{Event, EventDetail};

/// A domain type with an event store: the state of an aggregate, annotated with `#[event_store]`.
///
/// The annotated type identifies the store in other types: `EventStore<Pokemon>`, `EventDetail<Pokemon>`,
/// `NotificationMessage<Pokemon>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store",
    label = "needs `#[event_store(id = \"…\", event = …)]`",
    note = "add `#[event_store(id = \"…\", event = …)]` to the type `{Self}`"
)]
pub trait EventSourced: AggregateState {
    /// The id of the event store, as in storage and messages.
    const EVENT_STORE_ID: &'static str;

    /// A hash of the state's own definition: the fields with their types and serde attributes. Fields with a
    /// `#[cfg(…)]` count only in builds that include them. [`state_shape`](Self::state_shape) also covers the
    /// definitions of the field types.
    const STATE_SHAPE: u64;

    /// The version of the reducer, which `#[event_store(reducer_version = …)]` sets. Defaults to 1. A snapshot that was
    /// made with another reducer version is not used.
    const REDUCER_VERSION: u32;

    /// The reason why the state does not serialize as a JSON object. State-carrying messages require an object. `None`
    /// if the definition of the state shows no such reason.
    #[doc(hidden)]
    const STATE_IS_NO_OBJECT: Option<&'static str> = None;

    /// The description of the state and of the types of ids and metadata, as the attribute generates it.
    #[doc(hidden)]
    const DESCRIPTION: Described = Described::NONE;

    /// The event enum.
    type Event: Event;

    /// The type of the metadata that is stored with the events. [`NoMetadata`] if the store declares no metadata.
    type Metadata: Metadata;

    /// Whether new events may lack metadata: [`OptionalMetadata`], or [`RequiredMetadata`] if the store is declared with
    /// `metadata(required) = …`.
    type MetadataRule: MetadataRule;

    /// The type of aggregate ids, which `#[event_store(aggregate_id = …)]` sets. Defaults to `String`.
    type AggregateId: AggregateId;

    /// Returns a hash of the state's own definition, and of the types inside it whose shapes are known. A snapshot with
    /// another hash is not used.
    ///
    /// Changes inside the type of a field are detected only if this type derives [`Shape`](crate::describe::Shape).
    /// After a change inside any other type, increase `#[event_store(reducer_version = …)]`.
    fn state_shape() -> u64 {
        Self::STATE_SHAPE
    }

    /// Calls [`Reducer::reduce`]. Only this method requires the reducer, so that a missing reducer causes a single
    /// compile error.
    #[doc(hidden)]
    fn __reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError>;
}

/// A reducer, which computes the state of an aggregate from its events.
#[diagnostic::on_unimplemented(
    message = "event store `{Self}` has no reducer",
    label = "needs `impl Reducer for {Self}`",
    note = "write `impl Reducer for {Self} {{ fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {{ … }} }}`"
)]
pub trait Reducer: EventSourced {
    /// Returns the state after `event`. `state` is the state before `event`, or `None` for the first event.
    ///
    /// The reducer must be a pure function of its arguments, because every load that applies an event calls the reducer
    /// again. A push calls the reducer before it stores the event, if the event has version 1 or if the previous
    /// aggregate of the event is known. In all other cases, a push stores the event without calling the reducer.
    ///
    /// # Errors
    /// If the event cannot happen in this state, return [`EventDetail::unexpected`], or [`ReduceError::new`] with a
    /// custom reason. If a push calls the reducer and the reducer returns an error, nothing is stored.
    fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError>;
}
