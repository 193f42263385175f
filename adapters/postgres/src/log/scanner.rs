use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use castore_core::log::{BlockedBy, LogId};
use castore_core::storage::StorageError;
use deadpool_postgres::{ClientWrapper, Object};
use tokio_postgres::types::ToSql;

use super::blockers;
use super::horizon::{Holder, Horizon};
use super::source::Source;
use crate::database::Database;
use crate::errors::PostgresError;
use crate::pipeline::in_order;
use crate::storage::{is_dead, rejected};

/// So long short transactions are only told by their process, without asking who that is.
const SHORT: Duration = Duration::from_millis(50);

/// So long what was found out about them is good enough.
const WORDS_HOLD: Duration = Duration::from_millis(200);

/// Keeps the horizon of a log, for all its readers.
///
/// It has a connection of its own. What is known of the horizon holds as long as that lives: a server that crashes
/// closes all connections, and may draw ids again that it had drawn.
#[derive(Default)]
pub(crate) struct Scanner {
    session: tokio::sync::Mutex<Option<Session>>,
    known: Mutex<Option<Known>>,
}

struct Session {
    client: ClientWrapper,
    source: Source,
    horizon: Horizon,
    /// When the last look began.
    looked_at: Instant,
    words: Option<(Instant, BlockedBy)>,
}

/// What a look at the server has shown.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) safe: u64,
    pub(super) last: u64,
    pub(super) blocked_by: Option<BlockedBy>,
    pub(super) log_id: LogId,
    /// The connection that the horizon depends on was alive then.
    pub(super) alive_at: Instant,
}

impl Scanner {
    /// What the last look has shown, if there was any.
    pub(super) fn known(&self) -> Option<Known> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connection, unless somebody is looking.
    pub(crate) fn close(&self) {
        if let Ok(mut session) = self.session.try_lock() {
            *session = None;
            *self.lock() = None;
        }
    }

    /// Looks how far the log goes. Readers that ask at the same time share a look, if it began after they asked.
    pub(super) async fn look(&self, database: &Database) -> Result<Known, StorageError> {
        let asked_at = Instant::now();
        let mut session = self.session.lock().await;
        if let (Some(session), Some(known)) = (&*session, self.known())
            && session.looked_at >= asked_at
        {
            return Ok(known);
        }
        let mut may_try_again = session.is_some();
        loop {
            let current = match &mut *session {
                Some(current) => current,
                None => session.insert(Session::open(database).await?),
            };
            match database.within(current.look()).await {
                Ok(Ok(())) => {
                    let known = current.known();
                    *self.lock() = Some(known.clone());
                    return Ok(known);
                }
                Ok(Err(error)) => {
                    *session = None;
                    *self.lock() = None;
                    match error {
                        Failed::Driver(error) if is_dead(&error) && may_try_again => {}
                        Failed::Driver(error) => return Err(rejected(database, error)),
                        Failed::OtherTable => {
                            database.forget_table();
                            if !may_try_again {
                                return Err(StorageError::engine(PostgresError::text(
                                    "the event table is being replaced",
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
    Driver(tokio_postgres::Error),
    /// The table was dropped and created anew.
    OtherTable,
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

/// A connection for good: the pool makes another in its place.
async fn alive(database: &Database) -> Result<ClientWrapper, StorageError> {
    let mut dead = 0;
    loop {
        let client = Object::take(database.client().await?);
        match database.within(client.simple_query("")).await.map_err(StorageError::engine)? {
            Ok(_) => return Ok(client),
            // The pool may not have noticed yet.
            Err(error) if is_dead(&error) && dead < database.pool.status().max_size => dead += 1,
            Err(error) => return Err(rejected(database, error)),
        }
    }
}

impl Session {
    async fn open(database: &Database) -> Result<Self, StorageError> {
        let table = database.table().await?;
        let client = alive(database).await?;
        let source = Source::find(database, &client, &table).await?;
        Ok(Self { client, source, horizon: Horizon::default(), looked_at: Instant::now(), words: None })
    }

    /// Two statements in one round trip, each a transaction of its own: the bound first.
    async fn look(&mut self) -> Result<(), Failed> {
        let began = Instant::now();
        let bound = self.client.prepare_cached(&self.source.bound).await?;
        let holders = self.client.prepare_cached(self.source.holders).await?;
        let name = &self.source.name;
        let (bound, holders) = {
            let bound_parameters: [&(dyn ToSql + Sync); 1] = [name];
            let parameters: [&(dyn ToSql + Sync); 2] = [&self.source.database_oid, &self.source.table_oid];
            in_order(self.client.query_one(&bound, &bound_parameters), self.client.query(&holders, &parameters)).await
        };
        let (bound, holders) = (bound?, holders?);
        if bound.try_get::<_, Option<u32>>(1)? != Some(self.source.table_oid) {
            return Err(Failed::OtherTable);
        }
        let holders: Result<Vec<Holder>, tokio_postgres::Error> = holders
            .iter()
            .map(|row| Ok(Holder { virtual_transaction: row.try_get(0)?, process: row.try_get(1)? }))
            .collect();
        self.horizon.observe(u64::try_from(bound.try_get::<_, i64>(0)?).unwrap_or(0), holders?);
        self.looked_at = began;
        match self.horizon.blocked() {
            None => self.words = None,
            Some((holders, since)) if since.elapsed() >= SHORT => {
                if self.words.as_ref().is_none_or(|(at, _)| at.elapsed() >= WORDS_HOLD) {
                    let words = blockers::in_words(&self.client, holders).await?;
                    self.words = Some((Instant::now(), words));
                }
            }
            Some(_) => self.words = None,
        }
        Ok(())
    }

    fn known(&self) -> Known {
        let blocked_by = self.horizon.blocked().map(|(holders, _)| match &self.words {
            Some((_, words)) => words.clone(),
            None => blockers::in_short(holders),
        });
        Known {
            safe: self.horizon.safe(),
            last: self.horizon.last(),
            blocked_by,
            log_id: self.source.log_id.clone(),
            alive_at: self.looked_at,
        }
    }
}

impl fmt::Debug for Scanner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scanner").field("known", &self.known()).finish_non_exhaustive()
    }
}
