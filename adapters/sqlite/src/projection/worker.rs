use std::io;
use std::sync::{Arc, mpsc};
use std::thread;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::registry::Key;
use super::{SqliteProjection, Tables};
use crate::patience;
use crate::turns::{Turn, Turns};

/// What the thread of a projection works with.
pub(super) struct Site<P> {
    pub(super) connection: Connection,
    pub(super) projection: P,
    pub(super) tables: Tables,
    pub(super) turns: Arc<Turns>,
}

impl<P: SqliteProjection> Site<P> {
    pub(super) const KEY: Key = Key { name: P::NAME, version: P::VERSION };
}

type Act<P> = Box<dyn FnOnce(&mut Site<P>) + Send>;

/// Begins a transaction that writes, after waiting for the projection's turn, which must be kept until the transaction ends.
pub(super) fn begin<'a>(
    turns: &Arc<Turns>,
    connection: &'a mut Connection,
) -> rusqlite::Result<(Option<Turn>, Transaction<'a>)> {
    let (turn, left) = turns.take(patience::USUAL);
    let transaction = patience::with(left, || connection.transaction_with_behavior(TransactionBehavior::Immediate))?;
    Ok((turn, transaction))
}

/// The thread that owns the connection of a projection, since a transaction of the driver cannot leave its thread. It ends
/// after the current transaction when this is dropped.
pub(super) struct Worker<P> {
    acts: mpsc::Sender<Act<P>>,
    /// Closed when the thread has ended and its connection is closed.
    ended: watch::Receiver<()>,
}

/// The thread ended by a bug.
#[derive(Debug, thiserror::Error)]
#[error("the thread of the projection ended unexpectedly")]
pub(super) struct WorkerEnded;

impl<P: SqliteProjection> Worker<P> {
    pub(super) fn start(mut site: Site<P>) -> io::Result<Self> {
        let (acts, receiver) = mpsc::channel::<Act<P>>();
        let (alive, ended) = watch::channel(());
        thread::Builder::new().name("castore-sqlite-projection".to_owned()).spawn(move || {
            for act in receiver {
                act(&mut site);
            }
            drop(site);
            drop(alive);
        })?;
        Ok(Self { acts, ended })
    }

    /// Does something on the thread. If the future is dropped, the thread finishes it all the same.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Site<P>) -> T + Send + 'static,
    ) -> Result<T, WorkerEnded> {
        let (reply, answer) = oneshot::channel();
        let act: Act<P> = Box::new(move |site| {
            let _ = reply.send(act(site));
        });
        self.acts.send(act).map_err(|_| WorkerEnded)?;
        answer.await.map_err(|_| WorkerEnded)
    }

    /// Ends the thread and waits for its end.
    pub(super) async fn end(self) {
        let Self { acts, mut ended } = self;
        drop(acts);
        // No value is ever sent: this returns when the thread has dropped the sender.
        while ended.changed().await.is_ok() {}
    }
}
