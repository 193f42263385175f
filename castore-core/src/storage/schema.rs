use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::StorageError;

/// The database objects of a storage (tables, indexes, functions, triggers), for operators and for migrations.
/// Implemented by adapters whose database is set up separately from the program.
///
/// The command `schema print` prints the SQL, and `schema apply` executes it.
#[async_trait]
pub trait StorageSchema: Debug + Send + Sync + 'static {
    /// Returns the SQL that creates all objects of the storage. Executing it changes nothing if the objects exist, so it
    /// can be part of a migration that is executed more than once.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the SQL depends on the database, and the database cannot be read.
    async fn sql(&self) -> Result<String, StorageError>;

    /// Creates the missing objects. Existing objects do not change, unless an earlier version of the adapter has created
    /// them in another form.
    ///
    /// # Cancellation
    /// If the future is dropped, some objects may exist and others not. Another call creates the missing ones.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the database is unavailable, or if the role must not create the objects.
    async fn apply(&self) -> Result<(), StorageError>;
}

#[async_trait]
impl<S: StorageSchema + ?Sized> StorageSchema for Arc<S> {
    async fn sql(&self) -> Result<String, StorageError> {
        (**self).sql().await
    }

    async fn apply(&self) -> Result<(), StorageError> {
        (**self).apply().await
    }
}
