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

/// Begins to write when it is our turn, which must be kept until the transaction is over.
pub(super) fn begin<'a>(
    turns: &Arc<Turns>,
    connection: &'a mut Connection,
) -> rusqlite::Result<(Option<Turn>, Transaction<'a>)> {
    let (turn, left) = turns.take(patience::USUAL);
    let transaction = patience::with(left, || connection.transaction_with_behavior(TransactionBehavior::Immediate))?;
    Ok((turn, transaction))
}

/// The thread that has the connection of a projection. It ends when this is dropped, after what it is doing.
pub(super) struct Worker<P> {
    acts: mpsc::Sender<Act<P>>,
}

/// Says when a worker's thread has ended, and its connection is closed.
pub(super) type Ended = watch::Receiver<()>;

/// The thread ended by a bug.
#[derive(Debug, thiserror::Error)]
#[error("the thread of the projection ended unexpectedly")]
pub(super) struct WorkerEnded;

impl<P: SqliteProjection> Worker<P> {
    pub(super) fn start(mut site: Site<P>) -> io::Result<(Self, Ended)> {
        let (acts, receiver) = mpsc::channel::<Act<P>>();
        let (alive, ended) = watch::channel(());
        thread::Builder::new().name("castore-sqlite-projection".to_owned()).spawn(move || {
            for act in receiver {
                act(&mut site);
            }
            drop(site);
            drop(alive);
        })?;
        Ok((Self { acts }, ended))
    }

    /// Does something on the thread. If the future is dropped, it is done all the same.
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
}
