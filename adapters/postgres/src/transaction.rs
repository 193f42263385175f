use castore_core::storage::{GroupedRawEvent, PushOptions, PushReceipt, PushTransaction, StorageError};

use crate::adapter::database_of;
use crate::storage::push_within;

/// The kind of storage whose transactions are those of Postgres, for [`PushTransaction`].
#[derive(Debug)]
pub enum PostgresTransactions {}

macro_rules! push_transactions {
    ($($(#[$attribute:meta])* $transaction:ty;)+) => {$(
        $(#[$attribute])*
        impl PushTransaction<PostgresTransactions> for $transaction {
            async fn push_in_transaction(
                &mut self,
                events: Vec<GroupedRawEvent>,
                options: PushOptions,
            ) -> Result<Vec<PushReceipt>, StorageError> {
                push_within(self, &events, options, database_of).await
            }
        }
    )+};
}

push_transactions! {
    /// A transaction of the driver, on any connection to the database of the events. See
    /// [Transactions of the caller](crate#transactions-of-the-caller).
    tokio_postgres::Transaction<'_>;
    /// A transaction on a connection of a pool. See [Transactions of the caller](crate#transactions-of-the-caller).
    deadpool_postgres::Transaction<'_>;
}
