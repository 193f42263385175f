use castore_core::storage::{KnownVersions, PushOptions, PushReceipt, StorageError};
use rusqlite::Connection;

use super::batch::in_transaction;
use super::insert::version_too_great;
use super::job::Write;
use super::task::TransactionEnded;
use crate::errors::EngineError;

/// Stores all of the writes or none in an open transaction of the caller.
///
/// The adapter's cache of last versions is neither used nor changed: the transaction may have written other versions,
/// and may be rolled back.
pub(crate) fn push_within(
    connection: &Connection,
    writes: &[Write],
    options: PushOptions,
) -> Result<Vec<PushReceipt>, StorageError> {
    if let Some(write) = writes.iter().find(|write| i64::try_from(write.event.version).is_err()) {
        return Err(version_too_great(write.event.version));
    }
    // Outside of a transaction, the push would be a transaction of its own.
    if connection.is_autocommit() {
        return Err(StorageError::transaction_lost(TransactionEnded));
    }
    match in_transaction(connection, &KnownVersions::new(), writes, options) {
        Ok(result) => result,
        Err(error) => Err(StorageError::transaction_lost(EngineError::from(error))),
    }
}
