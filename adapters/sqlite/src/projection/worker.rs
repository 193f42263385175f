use std::io;
use std::sync::{Arc, mpsc};
use std::thread;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::registry::VersionKey;
use super::{SqliteProjection, Tables};
use crate::busy_handler;
use crate::fair_lock::{FairLock, FairLockGuard};
use crate::open_file::OpenFile;

/// The state of a projection's thread.
pub(super) struct Site<P> {
    pub(super) connection: Connection,
    pub(super) file: Arc<OpenFile>,
    pub(super) projection: P,
    pub(super) tables: Tables,
    pub(super) fair_lock: Arc<FairLock>,
}

impl<P: SqliteProjection> Site<P> {
    pub(super) const KEY: VersionKey = VersionKey { name: P::NAME, version: P::VERSION };
}

type ProjectionTask<P> = Box<dyn FnOnce(&mut Site<P>) + Send>;

/// Begins a transaction that writes, after acquiring the fair lock. If the lock is not acquired within the timeout, the
/// function makes one attempt without the lock. The caller must hold the returned guard until the transaction ends.
pub(super) fn begin<'a>(
    fair_lock: &Arc<FairLock>,
    connection: &'a mut Connection,
) -> rusqlite::Result<(Option<FairLockGuard>, Transaction<'a>)> {
    let (guard, left) = fair_lock.lock(busy_handler::DEFAULT_TIMEOUT);
    let transaction =
        busy_handler::with_timeout(left, || connection.transaction_with_behavior(TransactionBehavior::Immediate))?;
    Ok((guard, transaction))
}

/// A handle for the thread that owns the connection of a projection. The thread is needed because a transaction of the
/// driver cannot move to another thread. When the handle is dropped, the thread executes the remaining tasks and ends.
pub(super) struct Worker<P> {
    tasks: mpsc::Sender<ProjectionTask<P>>,
    /// A channel that closes when the thread has ended and its connection is closed.
    ended: watch::Receiver<()>,
}

/// The error of a call to the projection's thread after the thread has ended unexpectedly, for example because `create`
/// panicked.
#[derive(Debug, thiserror::Error)]
#[error("the thread of the projection ended unexpectedly")]
pub(super) struct WorkerEnded;

impl<P: SqliteProjection> Worker<P> {
    pub(super) fn start(mut site: Site<P>) -> io::Result<Self> {
        let (tasks, receiver) = mpsc::channel::<ProjectionTask<P>>();
        let (alive, ended) = watch::channel(());
        thread::Builder::new().name("castore-sqlite-projection".to_owned()).spawn(move || {
            for task in receiver {
                task(&mut site);
            }
            drop(site);
            drop(alive);
        })?;
        Ok(Self { tasks, ended })
    }

    /// Runs a function on the thread. If the future is dropped, the thread still finishes the function.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Site<P>) -> T + Send + 'static,
    ) -> Result<T, WorkerEnded> {
        let (reply, answer) = oneshot::channel();
        let task: ProjectionTask<P> = Box::new(move |site| {
            let _ = reply.send(act(site));
        });
        self.tasks.send(task).map_err(|_| WorkerEnded)?;
        answer.await.map_err(|_| WorkerEnded)
    }

    /// Ends the thread and waits until it has ended.
    pub(super) async fn end(self) {
        let Self { tasks, mut ended } = self;
        drop(tasks);
        // No value is ever sent, so the loop ends when the thread has dropped the sender.
        while ended.changed().await.is_ok() {}
    }
}
