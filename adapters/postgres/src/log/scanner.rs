use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use castore_core::log::{BlockedBy, LogId};
use castore_core::storage::StorageError;

use super::blockers;
use super::horizon::{Holder, Horizon};
use super::source::Source;
use crate::database::Database;
use crate::driver::{Beside, DriverError, Row};
use crate::errors::PostgresError;
use crate::pipeline::in_order;
use crate::statement::{Parameter, StatementMode};
use crate::storage::{Moment, rejected};

/// The time after which blocking transactions are described with a query. Before that, only their process ids are
/// shown.
const SHORT: Duration = Duration::from_millis(50);

/// The time for which the description of blocking transactions is reused.
const DESCRIPTION_VALID: Duration = Duration::from_millis(200);

/// The horizon of a log, shared by all its readers.
///
/// All scanners of a database share one connection, in addition to the pool. The horizon is valid only while that
/// connection is open: a server that crashes closes all connections, and may then assign ids again that it had assigned
/// before the crash.
pub(crate) struct Scanner {
    database: Arc<Database>,
    session: tokio::sync::Mutex<Option<Session>>,
    known: Mutex<Option<Known>>,
    /// The number of sessions so far.
    sessions: AtomicU64,
}

struct Session {
    client: Arc<Beside>,
    source: Source,
    horizon: Horizon,
    truncations: i64,
    /// The time when the last check began.
    checked_at: Instant,
    statements: StatementMode,
    /// The server's time at the last check. Only set in [`StatementMode::Unnamed`].
    server_time: Option<Moment>,
    number: u64,
    description: Option<(Instant, BlockedBy)>,
}

/// The result of a check.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) safe: u64,
    pub(super) last: u64,
    pub(super) blocked_by: Option<BlockedBy>,
    pub(super) log_id: LogId,
    /// The time when the connection of the horizon was last known to be alive.
    pub(super) alive_at: Instant,
    /// The number of the session that made the last check. A horizon is valid only in the session that determined it.
    pub(super) session: u64,
}

impl Scanner {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self { database, session: tokio::sync::Mutex::default(), known: Mutex::default(), sessions: AtomicU64::new(0) }
    }

    /// Returns the result of the last check, if there was one.
    pub(super) fn known(&self) -> Option<Known> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Releases the connection, unless a check is running.
    pub(crate) fn close(&self) {
        if let Ok(mut session) = self.session.try_lock() {
            *session = None;
            *self.lock() = None;
        }
    }

    /// Checks how far the log can be read. A caller uses the result of a concurrent check if that check began after the
    /// call.
    pub(super) async fn check(&self) -> Result<Known, StorageError> {
        let database = &*self.database;
        let asked_at = Instant::now();
        let mut session = self.session.lock().await;
        if let (Some(session), Some(known)) = (&*session, self.known())
            && session.checked_at >= asked_at
        {
            return Ok(known);
        }
        let mut may_try_again = session.is_some();
        loop {
            let current = match &mut *session {
                Some(current) => current,
                None => session.insert(Session::open(database, self.sessions.fetch_add(1, Ordering::Relaxed)).await?),
            };
            match database.within(current.check()).await {
                Ok(Ok(())) => {
                    let known = current.known();
                    *self.lock() = Some(known.clone());
                    return Ok(known);
                }
                Ok(Err(error)) => {
                    *session = None;
                    *self.lock() = None;
                    match error {
                        // The table, or its table of rewrite counts, was dropped, and may have been created again.
                        Failed::Driver(error)
                            if error.code() == Some(&tokio_postgres::error::SqlState::UNDEFINED_TABLE)
                                && may_try_again =>
                        {
                            database.forget_table();
                        }
                        Failed::Driver(error) if error.is_dead() && may_try_again => {}
                        Failed::Driver(error) => return Err(rejected(database, error)),
                        // A new session has no time to compare with, so its first check passes.
                        Failed::OtherBackend => continue,
                        Failed::OtherTable => {
                            database.forget_table();
                            if !may_try_again {
                                return Err(StorageError::engine(PostgresError::text(
                                    "the event table is being replaced; try again later",
                                )));
                            }
                        }
                    }
                    may_try_again = false;
                }
                Err(late) => {
                    *session = None;
                    *self.lock() = None;
                    return Err(StorageError::engine(late));
                }
            }
        }
    }
}

enum Failed {
    Driver(DriverError),
    /// The table was dropped and created again.
    OtherTable,
    /// The backend process of this session started after the last check. The server may have crashed and restarted in
    /// between, while a pooler kept the connection open.
    OtherBackend,
}

impl From<DriverError> for Failed {
    fn from(error: DriverError) -> Self {
        Self::Driver(error)
    }
}

impl Session {
    async fn open(database: &Database, number: u64) -> Result<Self, StorageError> {
        let table = database.table().await?;
        let client = database.beside().await?;
        let source = Source::find(database, &*client, &table).await?;
        Ok(Self {
            client,
            source,
            horizon: Horizon::default(),
            truncations: 0,
            checked_at: Instant::now(),
            statements: database.statements,
            server_time: None,
            number,
            description: None,
        })
    }

    /// Runs two statements, each in a separate transaction: the first reads the bound, which is the greatest allocated
    /// id, and the second reads the transactions that hold a lock for writing. This takes one round trip if the driver
    /// can pipeline statements.
    async fn check(&mut self) -> Result<(), Failed> {
        let began = Instant::now();
        let client = Arc::clone(&self.client);
        let client = &*client;
        let bound = self.statements.prepare(client, &self.source.bound).await?;
        let holders = self.statements.prepare(client, self.source.holders).await?;
        let name = &self.source.name;
        let (bound, holders) = {
            let bound_parameters: [&dyn Parameter; 1] = [name];
            let parameters: [&dyn Parameter; 2] = [&self.source.database_oid, &self.source.table_oid];
            in_order(bound.rows(client, &bound_parameters), holders.rows(client, &parameters)).await
        };
        let (bound, holders) = (bound?, holders?);
        let Some(bound) = bound.first() else { return Err(Failed::OtherTable) };
        self.check_backend(bound)?;
        if bound.try_get::<Option<u32>>(1)? != Some(self.source.table_oid) {
            return Err(Failed::OtherTable);
        }
        let holders: Result<Vec<Holder>, DriverError> = holders
            .iter()
            .map(|row| Ok(Holder { virtual_transaction: row.try_get(0)?, process: row.try_get(1)? }))
            .collect();
        self.horizon.observe(u64::try_from(bound.try_get::<i64>(0)?).unwrap_or(0), holders?);
        self.truncations = bound.try_get(2)?;
        self.checked_at = began;
        match self.horizon.blocked() {
            None => self.description = None,
            Some((holders, since)) if since.elapsed() >= SHORT => {
                if self.description.as_ref().is_none_or(|(at, _)| at.elapsed() >= DESCRIPTION_VALID) {
                    let description = blockers::in_words(client, holders).await?;
                    self.description = Some((Instant::now(), description));
                }
            }
            Some(_) => self.description = None,
        }
        Ok(())
    }

    /// Checks that the server has not crashed since the last check. In transaction mode, a pooler may keep the
    /// connection of this session open when the server crashes.
    fn check_backend(&mut self, bound: &Row) -> Result<(), Failed> {
        if self.statements == StatementMode::Prepared {
            return Ok(());
        }
        let (started_at, now): (Option<Moment>, Moment) = (bound.try_get(3)?, bound.try_get(4)?);
        let before = self.server_time.replace(now);
        match (before, started_at) {
            (Some(before), Some(started_at)) if started_at < before => Ok(()),
            (None, _) => Ok(()),
            _ => Err(Failed::OtherBackend),
        }
    }

    fn known(&self) -> Known {
        let blocked_by = self.horizon.blocked().map(|(holders, since)| {
            let described = self.description.as_ref().map(|(_, description)| description.clone());
            described.unwrap_or_else(|| blockers::in_short(holders)).since(since)
        });
        Known {
            safe: self.horizon.safe(),
            last: self.horizon.last(),
            blocked_by,
            log_id: self.source.log_id(self.truncations),
            alive_at: self.checked_at,
            session: self.number,
        }
    }
}

impl fmt::Debug for Scanner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scanner").field("known", &self.known()).finish_non_exhaustive()
    }
}
