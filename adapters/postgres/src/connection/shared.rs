use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::database::responds_within;
use crate::driver::{Beside, Client, Connect, Pool};
use crate::errors::PostgresError;
use crate::statement::Session;
use crate::wake::Listener;

/// The connection that all adapters of a database share in addition to their pool. It is used to check how far logs can
/// be read, and to listen for notifications. Therefore a program with many tenants opens one additional connection, not
/// one per tenant.
pub(crate) struct Shared {
    pool: Pool,
    /// The function that opens a connection which can listen, or `None` if no such connection can be opened.
    connect: Option<Connect>,
    /// The connection. It is closed when all scanners and the listener have released it.
    connection: tokio::sync::Mutex<Weak<Beside>>,
    response_limit: Option<Duration>,
    pub(crate) listener: Listener,
}

/// The required abilities of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ability {
    /// The connection executes statements.
    Statements,
    /// The connection also receives notifications.
    Notifications,
}

impl Shared {
    pub(crate) fn new(pool: Pool, connect: Option<Connect>, response_limit: Option<Duration>) -> Self {
        let connection = tokio::sync::Mutex::default();
        Self { pool, connect, connection, response_limit, listener: Listener::default() }
    }

    /// Returns whether a connection that receives notifications can be opened.
    pub(crate) fn can_listen(&self) -> bool {
        self.connect.is_some()
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Returns the connection, after checking that it is open. Opens a connection on the first call, and after the
    /// connection was lost.
    pub(crate) async fn connection(&self, ability: Ability) -> Result<Arc<Beside>, PostgresError> {
        let mut current = self.connection.lock().await;
        if let Some(open) = current.upgrade()
            && (open.receives() || ability == Ability::Statements)
            && self.responds(&*open).await.is_ok()
        {
            return Ok(open);
        }
        let new = Arc::new(self.open(ability).await?);
        *current = Arc::downgrade(&new);
        Ok(new)
    }

    async fn open(&self, ability: Ability) -> Result<Beside, PostgresError> {
        match (&self.connect, ability) {
            (Some(connect), Ability::Notifications) => return connect().await,
            (None, Ability::Notifications) => return Err(PostgresError::text("the pool cannot listen")),
            (Some(connect), Ability::Statements) => match connect().await {
                Ok(connection) => return Ok(connection),
                // The server may permit only the connections of the pool.
                Err(error) => tracing::debug!(%error, "could not listen for pushes of other processes"),
            },
            (None, Ability::Statements) => {}
        }
        self.detach().await.map(Beside::Detached)
    }

    /// Takes a connection out of the pool. The pool can then open another connection in its place.
    async fn detach(&self) -> Result<Client, PostgresError> {
        let mut dead = 0;
        loop {
            let client = self.pool.get().await?.detach();
            match self.responds(&client).await {
                Ok(()) => return Ok(client),
                // The pool may not have noticed yet that its connections are dead.
                Err(error) if error.of_driver().is_some_and(|error| error.is_dead()) && dead < self.pool.max_size() => {
                    dead += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn responds(&self, session: &impl Session) -> Result<(), PostgresError> {
        Ok(responds_within(self.response_limit, session.batch("")).await??)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}
