use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use castore_core::storage::StorageError;

use crate::database::Database;
use crate::driver::{Client, Pool};
use crate::statement::Session;
use crate::storage::rejected;
use crate::wake::Listener;

/// Connections in addition to those of a pool: one checks how far logs can be read, and the other listens for
/// notifications. All adapters of the pool share these connections, so that a program with many tenants opens two
/// additional connections, not two per tenant.
pub(crate) struct Shared {
    /// A clone of the pool, which keeps the id of the pool valid. The id is the key of this entry.
    pool: Pool,
    /// The connection of the scanners. It is closed when the last scanner has released it.
    scanning: tokio::sync::Mutex<Weak<Client>>,
    listener: OnceLock<Arc<Listener>>,
}

/// The shared connections in use, each with the id of its pool.
static ALL: Mutex<Vec<(usize, Weak<Shared>)>> = Mutex::new(Vec::new());

impl Shared {
    /// Returns the additional connections of a pool. The `listener` is only used if the pool has no listener yet.
    pub(crate) fn of(pool: &Pool, listener: Option<Listener>) -> Arc<Self> {
        let key = pool.id();
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, shared)| shared.strong_count() > 0);
        let found = all.iter().find(|(other, _)| *other == key).and_then(|(_, shared)| shared.upgrade());
        let shared = found.unwrap_or_else(|| {
            let new = Arc::new(Self {
                pool: pool.clone(),
                scanning: tokio::sync::Mutex::default(),
                listener: OnceLock::new(),
            });
            all.push((key, Arc::downgrade(&new)));
            new
        });
        if let Some(listener) = listener {
            shared.listener.get_or_init(|| Arc::new(listener));
        }
        shared
    }

    pub(crate) fn listener(&self) -> Option<&Arc<Listener>> {
        self.listener.get()
    }

    /// Returns the connection of the scanners, after checking that it is open. The first call, and a call after the
    /// connection was lost, takes a connection out of the pool. The pool can then open another connection in its place.
    pub(crate) async fn scanning(&self, database: &Database) -> Result<Arc<Client>, StorageError> {
        let mut scanning = self.scanning.lock().await;
        if let Some(client) = scanning.upgrade()
            && !client.is_closed()
            && database.within(client.batch("")).await.is_ok_and(|answer| answer.is_ok())
        {
            return Ok(client);
        }
        let client = Arc::new(self.open(database).await?);
        *scanning = Arc::downgrade(&client);
        Ok(client)
    }

    async fn open(&self, database: &Database) -> Result<Client, StorageError> {
        let mut dead = 0;
        loop {
            let client = database.client().await?.detach();
            match database.within(client.batch("")).await.map_err(StorageError::engine)? {
                Ok(_) => return Ok(client),
                // The pool may not have noticed yet that its connections are dead.
                Err(error) if error.is_dead() && dead < self.pool.max_size() => dead += 1,
                Err(error) => return Err(rejected(database, error)),
            }
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}
