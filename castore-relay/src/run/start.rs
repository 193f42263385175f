use std::sync::Arc;

use castore_core::channel::Registration;
use castore_core::log::{EventLog, LogFilter, LogId};
use castore_core::relay::{RelayCheckpoint, RelayStorageAdapter};
use castore_core::task::{BackgroundTask, Signal};
use tokio::sync::watch;

use super::lead::run;
use super::runner::{Runner, check};
use crate::engine::{ParkedChanges, Publisher, RelayOptions, StatusSender};
use crate::error::RelayError;
use crate::options::RelayStart;
use crate::status::RelayStatus;

/// The task of a relay, with the parts that the handle of the relay uses.
pub(crate) struct StartedRelay {
    pub(crate) status: watch::Receiver<RelayStatus>,
    pub(crate) parked_changes: Arc<ParkedChanges>,
    pub(crate) task: BackgroundTask<Result<(), String>>,
    pub(crate) log_id: LogId,
}

/// Checks that the relay can run, acquires the lease if it is free, and spawns the task.
pub(crate) async fn start(
    options: RelayOptions,
    log: Arc<dyn EventLog>,
    state: Arc<dyn RelayStorageAdapter>,
    filter: LogFilter,
    publisher: Publisher,
    registration: Registration,
    start: RelayStart,
) -> Result<StartedRelay, RelayError> {
    let name: Arc<str> = Arc::from(options.name.as_str());
    let failed = |error| RelayError::storage(&name)(error);
    let log_id = log.log_id().await.map_err(failed)?;
    let known = state.checkpoint(&name).await.map_err(failed)?;
    let first = match (&known, start) {
        (Some(known), _) => known.position,
        (None, RelayStart::Beginning) => 0,
        (None, RelayStart::Now) => log.end().await.map_err(failed)?.safe_position,
        (None, RelayStart::After(position)) => {
            let last = log.end().await.map_err(failed)?.last_position;
            if position > last {
                return Err(RelayError::StartBeyondEnd { relay: name.to_string(), position, last });
            }
            position
        }
    };
    let expected = known.unwrap_or(RelayCheckpoint::new(first, log_id.clone()));
    check(&name, &*log, &log_id, &expected).await?;
    let (shutdown, parked_changes) = (Signal::default(), Arc::new(ParkedChanges::default()));
    let status = StatusSender::new(&name);
    let relay_status = status.subscribe();
    let log_wake_ups = log.wake_ups().await;
    let channel_wake_ups = registration.wake_ups();
    let runner = Runner {
        options,
        log: log.clone(),
        state: state.clone(),
        filter,
        shutdown: shutdown.clone(),
        parked_changes: parked_changes.clone(),
        log_wake_ups,
        channel_wake_ups,
        status,
        _registration: registration,
    };
    // The lease is acquired here, so that the checkpoint of a new relay is stored when this function returns.
    let taken = runner.take_lease(&log_id, first).await.map_err(failed)?;
    let task = BackgroundTask::spawn(shutdown, run(runner, publisher, first, taken));
    Ok(StartedRelay { status: relay_status, parked_changes, task, log_id })
}
