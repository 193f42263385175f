use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use castore_core::storage::StorageError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::batch::{commit_error, engine_error, roll_back, run};
use super::job::Slot;
use crate::errors::EngineError;

/// A function that works on the connection. It is called without a connection if the writer ends before the task runs.
type WriterTask = Box<dyn FnOnce(Option<&Connection>) + Send>;

/// A transaction that may store something other than events: the state of a relay, a snapshot, or data of the caller.
pub(super) struct Task {
    act: WriterTask,
    slot: Slot,
}

impl Task {
    /// Creates a task and the receiver of its result. The task is skipped if the receiver is dropped before the task
    /// runs.
    ///
    /// `committed` is called after the commit, even if the receiver was dropped meanwhile. If `act` panics, the
    /// transaction is rolled back, and the result is the payload of the panic.
    pub(super) fn new<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        act: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
        slot: Slot,
    ) -> (Self, oneshot::Receiver<thread::Result<Result<T, E>>>) {
        let (reply, answer) = oneshot::channel();
        let act = Box::new(move |connection: Option<&Connection>| {
            if reply.is_closed() {
                return;
            }
            let result = match connection {
                None => Ok(Err(StorageError::ShutDown.into())),
                // A panic must not end the writer's thread. After the rollback, nothing of the transaction is left.
                Some(connection) => catch_unwind(AssertUnwindSafe(|| transact(connection, act))).inspect_err(|_| {
                    roll_back(connection);
                }),
            };
            if let Ok(Ok(result)) = &result {
                committed(result);
            }
            let _ = reply.send(result);
        });
        (Self { act, slot }, answer)
    }

    pub(super) fn run(self, connection: &Connection) {
        (self.act)(Some(connection));
        drop(self.slot);
    }

    /// Fails the task without executing it.
    pub(super) fn refuse(self) {
        (self.act)(None);
        drop(self.slot);
    }
}

fn transact<T, E: From<StorageError>>(
    connection: &Connection,
    act: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let failed = |error: StorageError| {
        roll_back(connection);
        E::from(error)
    };
    run(connection, "BEGIN IMMEDIATE").map_err(|error| failed(engine_error(&EngineError::from(error))))?;
    let result = act(connection).inspect_err(|_| roll_back(connection))?;
    if connection.is_autocommit() {
        return Err(StorageError::transaction_lost(TransactionEnded).into());
    }
    run(connection, "COMMIT").map_err(|error| failed(commit_error(&EngineError::from(error))))?;
    Ok(result)
}

/// The error of a transaction that has ended before its commit.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("SQLite rolled the transaction back after an error, or a statement of the caller ended it")]
pub(crate) struct TransactionEnded;

impl fmt::Debug for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Task").finish_non_exhaustive()
    }
}
