use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use deadpool_postgres::{Client, Pool};

use super::apply::DatabaseError;
use super::registry::{Entry, Key, Registry};
use super::{PgProjection, Tables};
use crate::errors::PostgresError;

/// Where a projection works.
pub(super) struct Site<P> {
    pub(super) pool: Pool,
    pub(super) registry: Arc<Registry>,
    pub(super) projection: P,
    pub(super) tables: Tables,
    /// How often readers were busy when this version was to take over.
    pub(super) refused_swaps: AtomicU32,
}

impl<P: PgProjection> Site<P> {
    pub(super) const KEY: Key = Key { name: P::NAME, version: P::VERSION };

    pub(super) async fn client(&self) -> Result<Client, DatabaseError> {
        Ok(self.pool.get().await.map_err(PostgresError::from)?)
    }

    pub(super) async fn entry(&self) -> Result<Option<Entry>, DatabaseError> {
        let client = self.client().await?;
        Ok(self.registry.find(&client, P::NAME, P::VERSION).await.map_err(PostgresError::from)?)
    }
}
