use castore_core::consumer::HandlerError;
use castore_core::log::{LogFilter, ReadModel};

/// A projection whose read model is kept in memory, as a value of type [`Model`](Self::Model).
///
/// ```
/// use castore_projection::{InMemoryProjection, ReadModel};
/// use castore_core::consumer::HandlerError;
/// use castore_core::log::Logged;
///
/// struct EventCount<E>(std::marker::PhantomData<fn() -> E>);
///
/// impl<E: Logged> ReadModel for EventCount<E> {
///     const NAME: &'static str = "event_count";
///     const VERSION: u32 = 1;
///     type Event = E; // `EventDetail<Pokemon>`, or the messages of a notification channel
/// }
///
/// impl<E: Logged> InMemoryProjection for EventCount<E> {
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
    note = "implement `InMemoryProjection` for `{Self}`"
)]
pub trait InMemoryProjection: ReadModel + Send + Sync {
    /// The type of the read model. Each page of events is applied to a clone of the model, which then replaces the
    /// model. After a failure, each event of the page is applied to a separate clone.
    type Model: Clone + Default + Send + Sync + 'static;

    /// Returns the filter that selects the events to read. Defaults to the events of all event stores of
    /// [`Event`](ReadModel::Event).
    fn filter(&self) -> LogFilter {
        LogFilter::of::<Self::Event>()
    }

    /// Applies one event to the model. If this method fails, the current clone of the model is discarded, with all of
    /// its changes.
    ///
    /// # Errors
    /// Any error that prevents the event from being applied. A panic counts as an error. The event is retried, unless
    /// the error is permanent. After a permanent error or the last attempt, [`OnFailure`](crate::OnFailure) determines
    /// whether the projection stops or parks the aggregate.
    fn apply(&self, model: &mut Self::Model, event: &Self::Event) -> Result<(), HandlerError>;
}
