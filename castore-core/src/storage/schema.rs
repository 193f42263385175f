use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::StorageError;

/// The database objects of a storage (tables, indexes, functions, triggers), for operators and for migrations. Adapters
/// implement this trait if their database can be set up separately from the program.
///
/// In the command line for operators, the command `schema print` prints the result of [`sql`](Self::sql), and the
/// command `schema apply` calls [`apply`](Self::apply).
#[async_trait]
pub trait StorageSchema: Debug + Send + Sync + 'static {
    /// Returns the SQL that creates all objects of the storage. Statements for objects that exist have no effect, so a
    /// migration that contains the SQL may be executed more than once.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the adapter must read the database to determine the SQL, and the read fails.
    async fn sql(&self) -> Result<String, StorageError>;

    /// Creates the missing objects. Existing objects do not change, except those that an earlier version of the adapter
    /// has created in another form.
    ///
    /// # Cancellation
    /// If the future is dropped, only some of the objects may have been created. Another call creates the missing ones.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the database is unavailable, or if the database role of the program is not permitted
    /// to create the objects.
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
