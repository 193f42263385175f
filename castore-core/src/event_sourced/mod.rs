//! What makes a domain type an event store: its events, its metadata, its id type, its reducer.

mod aggregate_id;
mod metadata;
mod reduce_error;

pub use aggregate_id::{AggregateId, IntoAggregateId, TakesAggregateId};
#[doc(hidden)]
pub use metadata::has_metadata;
pub use metadata::{Metadata, NoMetadata};
pub use reduce_error::ReduceError;

use crate::event::{Event, EventDetail};

/// A domain type with an event store: the state of an aggregate, with `#[event_store]` on it.
///
/// The annotated type is the store's name in the type system: `EventStore<Pokemon>`, `EventDetail<Pokemon>`,
/// `NotificationMessage<Pokemon>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store",
    label = "needs `#[event_store(id = \"…\", event = …)]`",
    note = "add `#[event_store(id = \"…\", event = …)]` to the type `{Self}`"
)]
pub trait EventSourced: Clone + Send + Sync + Sized + 'static {
    /// The id of the event store, as it is stored and sent.
    const EVENT_STORE_ID: &'static str;

    /// A number that changes when the fields of the state do: a snapshot of another shape is not used. Fields under a
    /// `#[cfg(…)]` count in the builds that have them. Changes inside the types of fields are not seen; `#[event_store(reducer_version = …)]` is for them.
    const STATE_SHAPE: u64;

    /// The version of the reducer, 1 unless the attribute says otherwise: a snapshot that another version of the
    /// reducer made is not used.
    const REDUCER_VERSION: u32;

    /// Why the state is no object in JSON, so that no state-carrying message can carry it; `None` if it is one, as far as its
    /// definition tells.
    #[doc(hidden)]
    const STATE_IS_NO_OBJECT: Option<&'static str> = None;

    /// What can happen.
    type Event: Event;

    /// What is kept with each event beside its payload. [`NoMetadata`] if nothing.
    type Metadata: Metadata;

    /// What identifies an aggregate. `String` unless the attribute says otherwise.
    type AggregateId: AggregateId;

    /// Calls [`Reducer::reduce`]. The one place where the reducer is asked for, so that a missing one is one error.
    #[doc(hidden)]
    fn __reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError>;
}

/// How an event changes the state of an aggregate.
#[diagnostic::on_unimplemented(
    message = "event store `{Self}` has no reducer",
    label = "needs `impl Reducer for {Self}`",
    note = "write `impl Reducer for {Self} {{ fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {{ … }} }}`"
)]
pub trait Reducer: EventSourced {
    /// The state after `event`, from the state before it: `None` before the first event.
    ///
    /// Must be a pure function of its arguments: it runs again for every load, and also before an event is stored.
    ///
    /// # Errors
    /// When the event cannot happen in this state: [`EventDetail::unexpected`], or [`ReduceError::new`] in words of
    /// your own. A push whose event is refused stores nothing.
    fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError>;
}
