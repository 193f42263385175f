use std::cell::Cell;
use std::future::Future;

tokio::task_local! {
    static RETRIES: Cell<Option<u32>>;
}

/// Runs a command with the given maximum number of retries instead of the number in its declaration.
///
/// ```
/// # use castore::prelude::*;
/// # #[derive(Clone, Debug, Event)]
/// # enum LampEvent { Switched }
/// # #[derive(Clone, Debug)]
/// # #[event_store(id = "LAMPS", event = LampEvent)]
/// # struct Lamp;
/// # impl Reducer for Lamp {
/// #     fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> { Ok(Lamp) }
/// # }
/// # #[command(id = "SWITCH_LAMP")]
/// # async fn switch_lamp(id: &str, lamps: &impl Store<Lamp>) -> Result<(), PushEventError> {
/// #     lamps.push_event(NewEvent::new(id, 1, LampEvent::Switched)).await?;
/// #     Ok(())
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), PushEventError> {
/// # let lamps = EventStore::<Lamp>::new(InMemoryEventStorageAdapter::new());
/// use castore::command::with_retries;
///
/// with_retries(3, switch_lamp("hall", &lamps)).await?;
/// # Ok(())
/// # }
/// ```
///
/// The number applies to the first command that the future `command` runs. It does not apply to commands that are
/// called by that command.
///
/// # Cancellation
/// Dropping the returned future drops the future `command`.
pub fn with_retries<F: Future>(retries: u32, command: F) -> impl Future<Output = F::Output> {
    RETRIES.scope(Cell::new(Some(retries)), command)
}

/// Removes and returns the number of retries that the caller has set for the current command. Other commands cannot use
/// the number afterward.
pub(super) fn of_call() -> Option<u32> {
    RETRIES.try_with(Cell::take).ok().flatten()
}
