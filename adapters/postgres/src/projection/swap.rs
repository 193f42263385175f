use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use castore_core::log::LogId;
use castore_projection::engine::{ReadModelVersion, StoreError, Swapped};
use tokio_postgres::error::SqlState;

use super::any_projection::Projection;
use super::apply::database;
use super::site::Site;
use super::views;
use crate::driver::{DriverError, OpenTransaction};
use crate::errors::PostgresError;
use crate::statement::{Session, query_once};

/// The settings of a takeover, which switches readers to a new version. These settings limit how long the takeover
/// waits for current readers, because new readers must wait during that time.
pub(super) const LOCK: &str = "SET LOCAL lock_timeout = '2s'; SET LOCAL client_min_messages = warning";

/// The statement that reduces the time limit for a takeover of several views. A reader of several views in one
/// transaction may hold one view and wait for another that the takeover has locked. The server would detect a deadlock,
/// and might abort the reader. Therefore the takeover releases all its locks before the deadlock is detected. `$1` is
/// the number of locks for which the takeover may wait.
const LOCK_BRIEFLY: &str = "SELECT set_config('lock_timeout', timeout::text, TRUE)
    FROM pg_settings, LATERAL (SELECT least(2000, greatest(1, setting::int / (2 * $1::int2))) AS timeout) AS brief
    WHERE name = 'deadlock_timeout'";

/// The number of brief attempts. One longer attempt follows, in case readers are always active.
const BRIEF_ATTEMPTS: u32 = 10;

impl<P: Projection> Site<P> {
    /// Creates the tables of this version and registers the version, unless it is already registered. The first version
    /// of a read model is in use immediately, because there is no other version.
    pub(super) async fn set_up(&self, log_id: &LogId) -> Result<ReadModelVersion, StoreError> {
        let mut client = self.client().await?;
        let transaction = client.begin().await.map_err(database)?;
        // An advisory lock is used, because rows that do not exist yet cannot be locked.
        let name = format!("castore projection {} {}", self.tables.schema(), P::NAME);
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))";
        query_once(&transaction, lock, &[&name]).await.map_err(database)?;
        let versions = self.registry.lock_all(&transaction, P::NAME).await.map_err(database)?;
        if let Some(entry) = versions.iter().find(|entry| entry.version == P::VERSION) {
            // The rollback is explicit, because a dropped transaction keeps its locks until the connection's task runs.
            transaction.rollback().await.map_err(database)?;
            return Ok(entry.clone());
        }
        self.create_tables(&transaction).await?;
        self.registry.insert(&transaction, Self::KEY, log_id, P::TABLES).await.map_err(database)?;
        if !versions.iter().any(|entry| entry.live) {
            transaction.batch(LOCK).await.map_err(database)?;
            views::point_at(&transaction, &self.tables, None).await.map_err(database)?;
            self.registry.set_live(&transaction, Self::KEY).await.map_err(database)?;
        }
        let entry = self.registry.find(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        transaction.commit().await.map_err(database)?;
        entry.ok_or_else(|| StoreError::Fatal(PostgresError::text("the projection ended its transaction").into()))
    }

    /// Creates the tables of this version, and checks that they exist afterwards.
    pub(super) async fn create_tables(&self, transaction: &OpenTransaction<'_>) -> Result<(), StoreError> {
        let created = self.projection.create(transaction, &self.tables).await;
        created.map_err(|error| StoreError::Unavailable(error.into()))?;
        for (_, table) in self.tables.all() {
            let sql = "SELECT to_regclass($1::text) IS NOT NULL";
            let found = query_once(transaction, sql, &[&table]).await.map_err(database)?;
            if !found.first().is_some_and(|row| row.try_get(0).unwrap_or(false)) {
                let error =
                    format!("`create` did not create the table {table}: use the names from its argument `tables`");
                return Err(StoreError::Unavailable(error.into()));
            }
        }
        Ok(())
    }

    /// Returns the number of distinct views of this version and of the version in use.
    fn views(&self, before: Option<&ReadModelVersion>) -> i16 {
        let before = before.iter().flat_map(|before| &before.tables).map(String::as_str);
        let views: BTreeSet<&str> = P::TABLES.iter().copied().chain(before).collect();
        i16::try_from(views.len()).unwrap_or(i16::MAX)
    }

    /// Switches readers to this version, if it has reached the position of the version in use.
    ///
    /// `position` is the checkpoint of this version, which has read the log up to `scanned_to`. If the checkpoint of
    /// the version in use is between these two positions, this version adopts that checkpoint. Unlike `scanned_to`, a
    /// checkpoint is always the position of an event that was read.
    pub(super) async fn take_over(&self, position: u64, scanned_to: u64) -> Result<Swapped, StoreError> {
        let mut client = self.client().await?;
        let transaction = client.begin().await.map_err(database)?;
        let versions = self.registry.lock_all(&transaction, P::NAME).await.map_err(database)?;
        let before = versions.iter().find(|entry| entry.live);
        if before.is_some_and(|before| before.version > P::VERSION) {
            return Ok(Swapped::Superseded);
        }
        let at_least = before.map_or(0, |before| before.position);
        let own = versions.iter().find(|entry| entry.version == P::VERSION);
        let Some(own) = own.filter(|own| own.position == position && at_least <= scanned_to) else {
            return Ok(Swapped::NotYet);
        };
        let swapped = async {
            let to = position.max(at_least);
            let locked = self.registry.lock(&transaction, P::NAME, P::VERSION).await?;
            let number = locked.map(|(_, number)| number).unwrap_or_default();
            self.registry.advance(&transaction, Self::KEY, &to.into(), &number).await?;
            transaction.batch(LOCK).await?;
            let views = self.views(before);
            let refused = self.refused_swaps.load(Ordering::Relaxed);
            if views > 1 && refused % (BRIEF_ATTEMPTS + 1) < BRIEF_ATTEMPTS {
                query_once(&transaction, LOCK_BRIEFLY, &[&views]).await?;
            }
            views::point_at(&transaction, &self.tables, before).await?;
            self.registry.set_live(&transaction, Self::KEY).await?;
            Ok::<_, DriverError>(ReadModelVersion { position: to, live: true, ..own.clone() })
        };
        match swapped.await {
            Ok(entry) => {
                transaction.commit().await.map_err(database)?;
                Ok(Swapped::Done(entry))
            }
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                tracing::debug!(projection = P::NAME, "a new version of a read model waits for readers of the view");
                self.refused_swaps.fetch_add(1, Ordering::Relaxed);
                Ok(Swapped::NotYet)
            }
            Err(error) => Err(database(error)),
        }
    }
}
