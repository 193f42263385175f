use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, Logged};

/// A read model that is kept in memory as a value of [`Model`](Self::Model).
///
/// ```
/// use castore_projection::InMemoryProjection;
/// use castore_core::consumer::HandlerError;
/// use castore_core::log::Logged;
///
/// struct EventCount<E>(std::marker::PhantomData<fn() -> E>);
///
/// impl<E: Logged> InMemoryProjection for EventCount<E> {
///     const NAME: &'static str = "event_count";
///     const VERSION: u32 = 1;
///     type Event = E; // `EventDetail<Pokemon>`, or the messages of a notification channel
///     type Model = u64;
///
///     fn apply(&self, count: &mut u64, _: &E) -> Result<(), HandlerError> {
///         *count += 1;
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an in-memory projection",
    label = "not a projection",
    note = "implement `InMemoryProjection` for it: which events it reads, its model, and what an event does to that"
)]
pub trait InMemoryProjection: Send + Sync + 'static {
    /// The name of the read model.
    const NAME: &'static str;

    /// The version, from 1. Raise it when the model or what is written to it changes: the new version is built beside the
    /// one in use.
    const VERSION: u32;

    /// What events are decoded as: `EventDetail<S>` for the events of one event store, the message enum of a notification
    /// channel for those of several.
    type Event: Logged;

    /// What readers read. Each page of events is applied to a clone, which then replaces the model; after a failure
    /// so is each event.
    type Model: Clone + Default + Send + Sync + 'static;

    /// Which events are read. Defaults to those of all the event stores of [`Event`](Self::Event).
    fn filter(&self) -> LogFilter {
        LogFilter::of::<Self::Event>()
    }

    /// Applies one event to the model. If it fails, everything that this page did to the model is discarded.
    ///
    /// # Errors
    /// Whatever keeps the event from being applied; a panic counts as an error. The event is tried again, then
    /// [`OnFailure`](crate::OnFailure) decides.
    fn apply(&self, model: &mut Self::Model, event: &Self::Event) -> Result<(), HandlerError>;
}
