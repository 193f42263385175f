mod events;

use std::sync::Arc;
use std::time::Duration;

use castore_runtime::log::{BlockedBy, EventLog, LogFilter, LogQuery, WakeUps};
use castore_runtime::projection::{ProjectionError, ProjectionOptions, ProjectionState};
use castore_runtime::storage::StorageError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::apply::{Applied, DatabaseError, EndedTransaction};
use super::registry::Entry;
use super::site::Site;
use super::swap::Swapped;
use super::{PgProjection, retry};

pub(super) use self::events::refusal_error;

/// Without events, the checkpoint is only written when it is so many positions behind.
const SKIPPED: u64 = 10_000;

/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The longest pause without failures. Nobody waits that long for a poll: it keeps within what clocks can say.
const LONGEST_POLL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What the handle asks for.
pub(super) enum Command {
    /// Look for new events now.
    Look,
    RetryParked {
        event_store_id: String,
        aggregate_id: String,
        reply: oneshot::Sender<Result<bool, ProjectionError>>,
    },
}

/// What the handle is told.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub(super) position: u64,
    pub(super) state: ProjectionState,
    pub(super) parked: u64,
    pub(super) live: bool,
    pub(super) blocked_by: Option<BlockedBy>,
}

/// Reads the log and applies what it reads.
pub(super) struct Driver<P> {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) site: Site<P>,
    pub(super) options: ProjectionOptions,
    pub(super) filter: LogFilter,
    pub(super) progress: watch::Sender<Progress>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) stop: watch::Receiver<bool>,
    /// What the registry says.
    pub(super) checkpoint: u64,
    /// How far the log was read. Kept in memory only while it brings nothing new.
    pub(super) scanned_to: u64,
    /// Whether the log is in the database of the read model, so that both are lost together.
    pub(super) same_database: bool,
    pub(super) live: bool,
    /// A later version is in use.
    pub(super) superseded: bool,
}

/// What became of a round.
enum Round {
    /// There is more to do.
    More,
    CaughtUp,
    Stop,
}

/// Why a pause ended.
enum Pause {
    /// The deadline has passed, or the log may have new events.
    Over,
    Command(Command),
    /// The projection is shut down, or its handle was dropped.
    Stopped,
}

enum Failure {
    /// The log or the database failed: it may pass.
    Passing(String),
    Final(ProjectionError),
    /// The read model cannot be trusted any more.
    Damaged(DatabaseError),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Passing(error.to_string())
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        if error.is::<EndedTransaction>() { Self::Damaged(error) } else { Self::Passing(error.to_string()) }
    }
}

impl Failure {
    /// `Err` if it is final.
    fn passing<P: PgProjection>(self) -> Result<String, ProjectionError> {
        match self {
            Self::Passing(error) => Ok(error),
            Self::Final(error) => Err(error),
            Self::Damaged(source) => Err(ProjectionError::Setup { projection: P::NAME.to_owned(), source }),
        }
    }
}

impl<P: PgProjection> Driver<P> {
    /// Runs until it is told to stop, or must.
    pub(super) async fn run(mut self) -> Result<(), ProjectionError> {
        let mut wake_ups = self.log.wake_ups().await;
        let mut failures = 0;
        loop {
            if self.is_stopping() {
                return Ok(());
            }
            match self.round().await {
                Ok(Round::More) => {
                    failures = 0;
                    // Not only in pauses: to build a read model anew may take hours.
                    while !self.is_stopping()
                        && let Ok(command) = self.commands.try_recv()
                    {
                        self.obey(command).await;
                    }
                }
                Ok(Round::Stop) => return Ok(()),
                Ok(Round::CaughtUp) => {
                    failures = 0;
                    let deadline = Instant::now() + self.options.poll_interval.min(LONGEST_POLL);
                    match self.pause(deadline, &mut wake_ups).await {
                        Pause::Over => {}
                        Pause::Command(command) => self.obey(command).await,
                        Pause::Stopped => return Ok(()),
                    }
                }
                Err(failure) => {
                    let error = failure.passing::<P>().inspect_err(|error| {
                        tracing::error!(projection = P::NAME, %error, "a projection stopped");
                        self.tell(ProjectionState::Stopped { error: error.to_string() });
                    })?;
                    tracing::warn!(projection = P::NAME, %error, "a projection failed and tries again");
                    self.tell(ProjectionState::Retrying { error });
                    failures += 1;
                    if !self.back_off(failures).await {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn is_stopping(&self) -> bool {
        // Without a handle nobody could stop it later.
        *self.stop.borrow() || self.stop.has_changed().is_err()
    }

    async fn round(&mut self) -> Result<Round, Failure> {
        let query = LogQuery::new(self.filter.clone(), self.options.batch.max(1));
        let page = self.log.read_after(self.scanned_to, &query).await?;
        self.progress.send_if_modified(|progress| {
            let changed = progress.blocked_by != page.blocked_by;
            progress.blocked_by.clone_from(&page.blocked_by);
            changed
        });
        let skipped = self.same_database && page.scanned_to.saturating_sub(self.checkpoint) >= SKIPPED;
        if let Some(last) = page.events.last().map(|last| last.position) {
            let to = if self.same_database { page.scanned_to } else { last };
            match self.apply_all(&page.events, to).await? {
                Round::CaughtUp => {}
                other => return Ok(other),
            }
        } else if skipped {
            match self.apply(&[], page.scanned_to).await? {
                Applied::Done(_) => {}
                other => return self.elsewhere(other),
            }
        }
        self.scanned_to = page.scanned_to;
        if page.more {
            self.tell_position();
            return Ok(Round::More);
        }
        self.take_over().await?;
        self.tell(ProjectionState::Following);
        Ok(Round::CaughtUp)
    }

    /// Takes over what the registry says.
    fn note(&mut self, applied: Applied) -> Applied {
        if let Applied::Done(entry) | Applied::Moved(entry) = &applied {
            self.checkpoint = entry.position;
            self.note_entry(entry);
        }
        applied
    }

    fn note_entry(&mut self, entry: &Entry) {
        self.live = entry.live;
        self.progress.send_modify(|progress| {
            progress.live = entry.live;
            progress.parked = entry.parked;
        });
    }

    /// What to do when nothing was applied for a reason that is no event's.
    fn elsewhere(&mut self, applied: Applied) -> Result<Round, Failure> {
        match applied {
            Applied::Gone => Err(Failure::Final(ProjectionError::Setup {
                projection: P::NAME.to_owned(),
                source: format!("its version {} was dropped", P::VERSION).into(),
            })),
            // Another runner was faster: go on from there.
            _ => {
                self.scanned_to = self.checkpoint;
                self.tell_position();
                Ok(Round::More)
            }
        }
    }

    async fn take_over(&mut self) -> Result<(), Failure> {
        if self.live || self.superseded {
            return Ok(());
        }
        let (position, scanned_to) = (self.checkpoint, self.scanned_to);
        match self.site.swap(position, scanned_to).await? {
            Swapped::Done(entry) => {
                tracing::info!(projection = P::NAME, version = P::VERSION, "a new version of a read model is in use");
                self.checkpoint = entry.position;
                self.note_entry(&entry);
            }
            Swapped::NotYet => {}
            Swapped::Superseded => self.superseded = true,
        }
        Ok(())
    }

    fn tell(&mut self, state: ProjectionState) {
        let position = self.scanned_to;
        self.progress.send_if_modified(|progress| {
            let changed = progress.position != position || progress.state != state;
            progress.position = position;
            progress.state = state;
            changed
        });
    }

    fn tell_position(&mut self) {
        let position = self.scanned_to;
        self.progress.send_modify(|progress| progress.position = position);
    }

    async fn back_off(&mut self, failures: u32) -> bool {
        let factor = 1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let pause = self.options.retry_delay.saturating_mul(factor).min(LONGEST_PAUSE);
        let deadline = Instant::now() + pause;
        loop {
            // New events do not shorten a backoff.
            match self.pause(deadline, &mut WakeUps::none()).await {
                Pause::Over => return true,
                Pause::Command(command) => self.obey(command).await,
                Pause::Stopped => return false,
            }
        }
    }

    /// Waits for the deadline, a wake-up of the log, a command or the end of the projection.
    ///
    /// Every branch only receives. A command is executed by the caller, after the `select!`: a command that ran inside
    /// of a branch would be cancelled half-way as soon as another branch completed.
    async fn pause(&mut self, deadline: Instant, wake_ups: &mut WakeUps) -> Pause {
        tokio::select! {
            () = sleep_until(deadline) => Pause::Over,
            () = wake_ups.next() => Pause::Over,
            () = stopped(&mut self.stop) => Pause::Stopped,
            command = self.commands.recv() => command.map_or(Pause::Stopped, Pause::Command),
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            // That is what is done next.
            Command::Look => {}
            Command::RetryParked { event_store_id, aggregate_id, reply } => {
                let retried = self.retry_parked(&event_store_id, &aggregate_id).await;
                let _ = reply.send(retried);
            }
        }
    }

    async fn retry_parked(&mut self, event_store_id: &str, aggregate_id: &str) -> Result<bool, ProjectionError> {
        let retried = retry::retry_parked(&*self.log, &self.site, &self.filter, event_store_id, aggregate_id).await;
        if let Ok(Some(entry)) = self.site.entry().await {
            self.note_entry(&entry);
        }
        retried
    }
}

/// Also when the handle is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
