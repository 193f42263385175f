use std::fmt;

use castore_core::storage::StorageError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::batch::{commit_error, engine_error, roll_back, run};
use super::job::Slot;
use crate::errors::EngineError;

/// Work on the connection. It is called without a connection if the writer ends first.
type WriterTask = Box<dyn FnOnce(Option<&Connection>) + Send>;

/// A transaction that stores something other than events: the state of a relay, or a snapshot.
pub(super) struct Task {
    act: WriterTask,
    slot: Slot,
}

impl Task {
    /// Creates a task and the receiver of its result. The task is skipped if the receiver was dropped before.
    pub(super) fn new<T: Send + 'static>(
        act: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        slot: Slot,
    ) -> (Self, oneshot::Receiver<Result<T, StorageError>>) {
        let (reply, answer) = oneshot::channel();
        let act = Box::new(move |connection: Option<&Connection>| {
            if !reply.is_closed() {
                let _ = reply.send(connection.map_or(Err(StorageError::ShutDown), |it| transact(it, act)));
            }
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

fn transact<T>(
    connection: &Connection,
    act: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StorageError> {
    let nothing_written = |error: rusqlite::Error| {
        roll_back(connection);
        engine_error(&EngineError::from(error))
    };
    run(connection, "BEGIN IMMEDIATE").map_err(nothing_written)?;
    let result = act(connection).map_err(nothing_written)?;
    run(connection, "COMMIT").map_err(|error| {
        roll_back(connection);
        commit_error(&EngineError::from(error))
    })?;
    Ok(result)
}

impl fmt::Debug for Task {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Task").finish_non_exhaustive()
    }
}
