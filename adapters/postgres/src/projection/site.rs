use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use castore_projection::engine::StoreError;

use super::Tables;
use super::any_projection::Projection;
use super::registry::{Registry, VersionKey};
use crate::driver::{Client, Pool};

/// A projection, and the database in which it runs.
pub(super) struct Site<P> {
    pub(super) pool: Pool,
    pub(super) registry: Arc<Registry>,
    pub(super) projection: P,
    pub(super) tables: Tables,
    /// The number of times that readers prevented this version from taking over.
    pub(super) refused_swaps: AtomicU32,
}

impl<P: Projection> Site<P> {
    pub(super) const KEY: VersionKey = VersionKey { name: P::NAME, version: P::VERSION };

    pub(super) async fn client(&self) -> Result<Client, StoreError> {
        self.pool.get().await.map_err(|error| StoreError::Unavailable(error.into()))
    }
}
