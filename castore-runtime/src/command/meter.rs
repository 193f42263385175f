use std::future::Future;
use std::sync::Arc;

use castore_core::metrics::instruments::{COMMAND_ATTEMPTS, COMMAND_ID, EXHAUSTED_COMMANDS};
use castore_core::metrics::{Instrument, Meter};

tokio::task_local! {
    static METER: Arc<dyn Meter>;
}

/// Runs a future whose commands report their attempts to `meter`: `castore.command.attempts` and
/// `castore.command.exhausted`.
///
/// All commands that the future runs report to the meter, including commands that are called by commands. Commands in
/// other tasks, for example in a task that the future spawns, do not. A program usually wraps the handlers of its
/// requests and messages. Commands outside of such a future are not counted.
///
/// ```
/// # use std::sync::Arc;
/// # use castore::prelude::*;
/// # use castore::metrics::Meter;
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
/// # async fn example(meter: Arc<dyn Meter>, lamps: EventStore<Lamp>) -> Result<(), PushEventError> {
/// use castore::command::with_meter;
///
/// with_meter(meter, switch_lamp("hall", &lamps)).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Cancellation
/// Dropping the returned future drops the future `commands`.
pub fn with_meter<F: Future>(meter: Arc<dyn Meter>, commands: F) -> impl Future<Output = F::Output> {
    METER.scope(meter, commands)
}

/// Counts an attempt that begins. `is_first` is whether this is the first attempt of the call.
pub(super) fn count_attempt(command_id: &'static str, is_first: bool) {
    count(&COMMAND_ATTEMPTS, command_id, 1);
    if is_first {
        // The time series of exhausted commands exists before the first occurrence, so that an alert detects it.
        count(&EXHAUSTED_COMMANDS, command_id, 0);
    }
}

/// Counts a call that fails because no retries are left.
pub(super) fn count_exhausted(command_id: &'static str) {
    count(&EXHAUSTED_COMMANDS, command_id, 1);
}

fn count(instrument: &'static Instrument, command_id: &'static str, value: u64) {
    // An error means that the command runs without a meter.
    let _ = METER.try_with(|meter| meter.count(instrument, value, &[(COMMAND_ID, command_id)]));
}
