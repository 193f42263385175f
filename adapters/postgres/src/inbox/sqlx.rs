use std::time::Duration;

use castore_core::future::BoxFuture;
use castore_core::message::AnyMessage;

use super::{InboxError, PostgresInbox};
use crate::driver::sqlx::{SqlxConnection, SqlxTransaction};
use crate::errors::SchemaError;

/// Methods for connections and transactions of both versions of sqlx.
///
/// ```no_run
/// # #[cfg(not(feature = "sqlx-0_9"))]
/// # fn main() {}
/// # #[cfg(feature = "sqlx-0_9")]
/// # mod example {
/// use castore_postgres::PostgresInbox;
/// use castore_core::consumer::{HandlerError, ReceivedMessage};
/// use castore_core::message::NotificationMessage;
/// # use castore_conformance::channel::channels::Trainer;
/// # use castore_postgres::sqlx_09 as sqlx;
/// use sqlx::PgPool;
///
/// /// Handles a message in a worker or a listener.
/// async fn count_games(
///     handled: &PostgresInbox,
///     pool: &PgPool,
///     message: ReceivedMessage<NotificationMessage<Trainer>>,
/// ) -> Result<(), HandlerError> {
///     let mut transaction = pool.begin().await?;
///     if handled.first_time_with_sqlx(&mut transaction, &*message).await? {
///         sqlx::query("UPDATE games SET count = count + 1").execute(&mut *transaction).await?;
///         transaction.commit().await?;
///     }
///     Ok(())
/// }
/// # }
/// # #[cfg(feature = "sqlx-0_9")]
/// # fn main() {}
/// ```
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))))]
impl PostgresInbox {
    /// Creates the table and its index unless the table exists, over a `PgConnection` of sqlx. See
    /// [`create_table`](Self::create_table).
    ///
    /// # Errors
    /// The errors of [`create_table`](Self::create_table).
    pub fn create_table_with_sqlx<'a, C: SqlxConnection>(
        &'a self,
        connection: &'a mut C,
    ) -> BoxFuture<'a, Result<(), SchemaError>> {
        let session = connection.session();
        Box::pin(async move { self.create_over(&session).await })
    }

    /// Records the message as handled, in a transaction of sqlx. Returns `true` if this consumer handles the message
    /// for the first time, and `false` if the message was already recorded. See [`first_time`](Self::first_time).
    ///
    /// # Errors
    /// The errors of [`first_time`](Self::first_time). After an error, the transaction must be rolled back.
    pub fn first_time_with_sqlx<'a, T: SqlxTransaction>(
        &'a self,
        transaction: &'a mut T,
        message: &'a dyn AnyMessage,
    ) -> BoxFuture<'a, Result<bool, InboxError>> {
        let session = transaction.session();
        Box::pin(async move { self.first_time_within(&session, message).await })
    }

    /// Deletes old records like [`forget_older_than`](Self::forget_older_than), but uses a `PgConnection` of sqlx.
    ///
    /// # Errors
    /// The errors of [`forget_older_than`](Self::forget_older_than).
    pub fn forget_older_than_with_sqlx<'a, C: SqlxConnection>(
        &'a self,
        connection: &'a mut C,
        age: Duration,
    ) -> BoxFuture<'a, Result<u64, InboxError>> {
        let session = connection.session();
        Box::pin(async move { self.forget_over(&session, age).await })
    }
}
