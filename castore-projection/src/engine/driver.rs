use std::ops::Range;
use std::sync::Arc;

use castore_core::error::error_chain;
use castore_core::log::{BlockedBy, CheckpointEvent, EventLog, LogEntry, LogFilter, LogId, LogQuery, WakeUps};
use castore_core::storage::StorageError;
use castore_core::task::Signal;
use castore_core::time::{Timestamp, backoff_delay};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::requests::dropped;
use super::retry::{RetryError, retry_parked};
use super::{Applied, Checkpoint, ReadModelStore, ReadModelVersion, StoreError, Swapped};
use crate::{ProjectionError, ProjectionOptions, ProjectionState};

/// The checkpoint is stored together with applied events. If the log is in the database of the read model, the checkpoint
/// is also stored after this number of positions without events for the projection.
const SKIPPED: u64 = 10_000;

/// A request from the handle to its projection.
pub(crate) enum Command {
    /// Makes the projection read the log now.
    ReadNow,
    RetryParked {
        event_store_id: String,
        aggregate_id: String,
        reply: oneshot::Sender<Result<bool, ProjectionError>>,
    },
}

/// The progress of a projection, for its handle.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub(crate) position: u64,
    /// The last event that was read at or before the position.
    pub(crate) event: Option<CheckpointEvent>,
    pub(crate) oldest_unapplied: Option<Timestamp>,
    /// The number of events that this process has applied.
    pub(crate) applied: u64,
    pub(crate) state: ProjectionState,
    pub(crate) parked: u64,
    pub(crate) live: bool,
    pub(crate) blocked_by: Option<BlockedBy>,
}

/// The task of a projection, which reads events from the log and passes them to the store.
pub(super) struct Driver<S> {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) log_id: LogId,
    pub(super) store: S,
    pub(super) options: ProjectionOptions,
    pub(super) filter: LogFilter,
    pub(super) progress: watch::Sender<Progress>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) shutdown: Signal,
    /// The checkpoint in the registry, as far as this process knows.
    pub(super) checkpoint: u64,
    /// The position up to which the log was read. This position may be greater than the checkpoint, because pages
    /// without events for the projection do not always move the checkpoint.
    pub(super) scanned_to: u64,
    /// The last event that was read at or before the checkpoint.
    pub(super) event: Option<CheckpointEvent>,
    /// Whether the log is in the database of the read model, so that both are lost or restored together.
    pub(super) same_database: bool,
    /// The earliest time of the next read of the registry entry. The entry shows whether other processes have stored
    /// requests.
    pub(super) registry_due: Instant,
    pub(super) live: bool,
    /// Whether readers already use a later version, so that this version never takes over.
    pub(super) superseded: bool,
}

/// The outcome of reading and applying one page of the log.
pub(super) enum Round {
    /// The log has further events to read.
    More,
    CaughtUp,
    Stop,
}

/// The reason why a pause ended.
enum Pause {
    /// The deadline has passed, or the log may have new events.
    Over,
    Command(Command),
    /// The projection was shut down, or its handle was dropped.
    Stopped,
}

pub(super) enum Failure {
    /// The log or the database failed, but another attempt may succeed.
    Transient(String),
    Final(ProjectionError),
    /// The store failed permanently.
    Fatal(super::DatabaseError),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Transient(error_chain(&error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(source) => Self::Transient(error_chain(&*source)),
            StoreError::Fatal(source) => Self::Fatal(source),
        }
    }
}

impl<S: ReadModelStore> Driver<S> {
    /// Runs until the handle stops the projection or a permanent failure occurs, and then closes the store.
    pub(super) async fn run(mut self) -> Result<(), ProjectionError> {
        let ended = self.follow().await;
        if let Err(error) = &ended {
            let error = error_chain(error);
            tracing::error!(projection = S::NAME, error, "a projection stopped");
            self.report(ProjectionState::Stopped { error });
        }
        self.store.close().await;
        ended
    }

    async fn follow(&mut self) -> Result<(), ProjectionError> {
        let mut wake_ups = self.log.wake_ups().await;
        let mut failures = 0;
        while !self.shutdown.is_sent() {
            let error = match self.round().await {
                Ok(Round::More) => {
                    failures = 0;
                    // Commands are executed between pages as well as during pauses, because a rebuild may take hours.
                    while !self.shutdown.is_sent()
                        && let Ok(command) = self.commands.try_recv()
                    {
                        self.execute(command).await?;
                    }
                    // If the log and the read model are in memory, no other await yields to the runtime. Without this
                    // call, other tasks and a shutdown would have to wait.
                    tokio::task::yield_now().await;
                    continue;
                }
                Ok(Round::CaughtUp) => {
                    failures = 0;
                    let deadline = Instant::now() + self.options.poll_interval;
                    match self.pause(deadline, &mut wake_ups).await {
                        Pause::Over => {}
                        Pause::Command(command) => self.execute(command).await?,
                        Pause::Stopped => break,
                    }
                    continue;
                }
                Ok(Round::Stop) => break,
                Err(Failure::Transient(error)) => error,
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Fatal(source)) => return Err(fatal::<S>(source)),
            };
            tracing::warn!(projection = S::NAME, error, "a projection failed and will retry");
            self.report(ProjectionState::Retrying { error });
            failures += 1;
            if !self.back_off(failures).await? {
                break;
            }
        }
        Ok(())
    }

    /// Reads a page of the log and applies its events.
    async fn round(&mut self) -> Result<Round, Failure> {
        self.follow_registry().await?;
        let query = LogQuery::new(self.filter.clone(), self.options.batch_size);
        let page = self.log.read_after(self.scanned_to, &query).await?;
        // This check must follow the read: if the log was replaced before the read, the page must not be applied.
        self.check_log().await?;
        self.progress.send_if_modified(|progress| {
            let oldest = page.events.first().map(|entry| entry.event.timestamp);
            let changed = progress.blocked_by != page.blocked_by || progress.oldest_unapplied != oldest;
            progress.blocked_by.clone_from(&page.blocked_by);
            progress.oldest_unapplied = oldest;
            changed
        });
        let skipped = self.same_database && page.scanned_to.saturating_sub(self.checkpoint) >= SKIPPED;
        if let Some(last) = page.events.last().map(|last| last.position) {
            let to = if self.same_database { page.scanned_to } else { last };
            match self.apply_page(page.events, page.rewrites, to).await? {
                Round::CaughtUp => {}
                other => return Ok(other),
            }
        } else if skipped {
            match self.apply(&Arc::from([]), 0..0, page.scanned_to.into()).await? {
                Applied::Done(_) => {}
                other => return self.elsewhere(other),
            }
        }
        self.scanned_to = page.scanned_to;
        if page.more {
            self.report_position();
            return Ok(Round::More);
        }
        self.take_over().await?;
        self.report(ProjectionState::Following);
        Ok(Round::CaughtUp)
    }

    pub(super) async fn apply(
        &mut self,
        events: &Arc<[LogEntry]>,
        range: Range<usize>,
        to: Checkpoint,
    ) -> Result<Applied, Failure> {
        let count = range.len() as u64;
        let applied = self.store.apply(Arc::clone(events), range, self.checkpoint, to).await?;
        if let (Applied::Done(_), 1..) = (&applied, count) {
            self.progress.send_modify(|progress| progress.applied += count);
        }
        Ok(self.note(applied))
    }

    /// Records the checkpoint that the store returned.
    pub(super) fn note(&mut self, applied: Applied) -> Applied {
        if let Applied::Done(version) | Applied::Moved(version) = &applied {
            self.checkpoint = version.position;
            self.note_version(version);
        }
        applied
    }

    pub(super) fn note_version(&mut self, version: &ReadModelVersion) {
        self.live = version.live;
        self.event.clone_from(&version.event);
        self.progress.send_modify(|progress| {
            progress.event.clone_from(&version.event);
            progress.live = version.live;
            progress.parked = version.parked;
        });
    }

    /// Continues at the checkpoint that another process has stored. Fails if the version was dropped.
    pub(super) fn elsewhere(&mut self, applied: Applied) -> Result<Round, Failure> {
        if let Applied::Gone = applied {
            return Err(Failure::Fatal(dropped::<S>()));
        }
        self.scanned_to = self.checkpoint;
        self.report_position();
        Ok(Round::More)
    }

    /// Switches readers to this version, if it has caught up.
    async fn take_over(&mut self) -> Result<(), Failure> {
        if self.live || self.superseded {
            return Ok(());
        }
        match self.store.swap(self.checkpoint, self.scanned_to).await? {
            Swapped::Done(version) => {
                let number = S::VERSION;
                tracing::info!(projection = S::NAME, version = number, "a new version of a read model is in use");
                self.checkpoint = version.position;
                self.note_version(&version);
            }
            Swapped::NotYet => {}
            Swapped::Superseded => self.superseded = true,
        }
        Ok(())
    }

    pub(super) fn report(&mut self, state: ProjectionState) {
        let position = self.scanned_to;
        self.progress.send_if_modified(|progress| {
            let changed = progress.position != position || progress.state != state;
            if state == ProjectionState::Following {
                progress.oldest_unapplied = None;
            }
            progress.position = position;
            progress.state = state;
            changed
        });
    }

    pub(super) fn report_position(&mut self) {
        let position = self.scanned_to;
        self.progress.send_modify(|progress| progress.position = position);
    }

    /// Waits after a failure, and executes commands in the meantime. The delay doubles with each failure. Returns
    /// whether to continue.
    ///
    /// # Errors
    /// The error of a command that failed because the store failed permanently.
    pub(super) async fn back_off(&mut self, failures: u32) -> Result<bool, ProjectionError> {
        let (base, max) = self.options.backoff;
        let deadline = Instant::now() + backoff_delay(base, max, failures);
        loop {
            // New events do not shorten a backoff.
            match self.pause(deadline, &mut WakeUps::none()).await {
                Pause::Over => return Ok(true),
                Pause::Command(command) => self.execute(command).await?,
                Pause::Stopped => return Ok(false),
            }
        }
    }

    /// Waits until the deadline, a wake-up of the log, a command or a shutdown.
    ///
    /// The branches of the `select!` only wait. The caller executes a command after the `select!`, because a command
    /// inside a branch would be canceled as soon as another branch completed.
    async fn pause(&mut self, deadline: Instant, wake_ups: &mut WakeUps) -> Pause {
        tokio::select! {
            () = sleep_until(deadline) => Pause::Over,
            () = wake_ups.next() => Pause::Over,
            () = self.shutdown.sent() => Pause::Stopped,
            command = self.commands.recv() => command.map_or(Pause::Stopped, Pause::Command),
        }
    }

    /// Executes a command of the handle.
    ///
    /// # Errors
    /// Returns an error if the store failed permanently. The projection must then stop. The caller of the command also
    /// receives an error.
    async fn execute(&mut self, command: Command) -> Result<(), ProjectionError> {
        match command {
            // The next page is read anyway.
            Command::ReadNow => Ok(()),
            Command::RetryParked { event_store_id, aggregate_id, reply } => {
                let retried = retry_parked(&*self.log, &self.store, &self.filter, &event_store_id, &aggregate_id).await;
                if let Ok(Some(version)) = self.store.version().await {
                    self.note_version(&version);
                }
                let (answer, ended) = match retried {
                    Ok(was_parked) => (Ok(was_parked), Ok(())),
                    Err(RetryError::Failed(error)) => (Err(error), Ok(())),
                    Err(RetryError::Fatal(source)) => {
                        let text = error_chain(&*source).into();
                        (Err(fatal::<S>(text)), Err(fatal::<S>(source)))
                    }
                };
                let _ = reply.send(answer);
                ended
            }
        }
    }
}

/// Creates the error of a projection whose store failed permanently.
fn fatal<S: ReadModelStore>(source: super::DatabaseError) -> ProjectionError {
    ProjectionError::Setup { projection: S::NAME.to_owned(), source }
}
