//! A role that stores rows of the program together with events, in random transactions.

mod postgres;
mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use castore::EventSourced;
use castore::prelude::*;
use castore::storage::StorageError;
use fastrand::Rng;

use crate::Arguments;
use crate::domain::{Counter, CounterEvent, Note, NoteEvent, aggregate_id};
use crate::folder::Lines;

pub(crate) use postgres::run_postgres;
pub(crate) use sqlite::run_sqlite;

/// The table of the program. The program inserts one row for each event, in the same transaction.
pub const ROWS: &str = "own_row";

const TASKS: u64 = 3;
const COUNTERS: u64 = 6;
const NOTES: u64 = 2;
/// The average pause of a task between two transactions.
const PAUSE: Duration = Duration::from_millis(25);

/// A random transaction.
#[derive(Clone)]
struct Plan {
    journal: Arc<Journal>,
    counter: String,
    /// The id of the note to which the transaction also pushes an event, if any.
    note: Option<String>,
    /// Whether the transaction first pushes a version that is taken.
    conflicts: bool,
    rolls_back: bool,
    /// The time between the last statement and the end of the transaction.
    pause: Duration,
}

impl Plan {
    fn random(rng: &mut Rng, journal: &Arc<Journal>) -> Self {
        Self {
            journal: Arc::clone(journal),
            counter: aggregate_id(rng.u64(..COUNTERS)),
            note: rng.bool().then(|| aggregate_id(rng.u64(..NOTES))),
            conflicts: rng.u8(..4) == 0,
            rolls_back: rng.u8(..4) == 0,
            pause: Duration::from_millis(rng.u64(..12)),
        }
    }

    /// Checks that a push of a taken version is rejected.
    fn expect_conflict<T: std::fmt::Debug>(&self, pushed: Result<T, PushEventError>) {
        assert!(matches!(pushed, Err(PushEventError::EventAlreadyExists(_))), "the version is taken: {pushed:?}");
        self.journal.conflicts.append("conflict");
    }
}

/// The reason why a transaction stored nothing.
#[derive(Debug)]
enum Ended {
    RolledBack,
    /// A version conflict with another process, or a deadlock.
    Conflict,
    Failed(String),
}

impl From<StorageError> for Ended {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::TransactionLost(_) => Self::Conflict,
            error => Self::Failed(format!("{error:?}")),
        }
    }
}

impl From<EventStoreError> for Ended {
    fn from(error: EventStoreError) -> Self {
        match error {
            EventStoreError::Storage { source, .. } => (*source).into(),
            error => Self::Failed(format!("{error:?}")),
        }
    }
}

impl From<PushEventError> for Ended {
    fn from(error: PushEventError) -> Self {
        match error {
            PushEventError::EventAlreadyExists(_) => Self::Conflict,
            PushEventError::Storage { source, .. } => (*source).into(),
            error => Self::Failed(format!("{error:?}")),
        }
    }
}

/// The files in which a process records its transactions.
struct Journal {
    acknowledged: Lines,
    conflicts: Lines,
    rolled_back: Lines,
}

impl Journal {
    fn record(&self, ended: Result<Vec<String>, Ended>) {
        match ended {
            Ok(keys) => keys.into_iter().for_each(|key| self.acknowledged.append(key)),
            Err(Ended::RolledBack) => self.rolled_back.append("rolled-back"),
            Err(Ended::Conflict) => self.conflicts.append("conflict"),
            Err(Ended::Failed(error)) => panic!("{error}"),
        }
    }
}

/// Runs random transactions until the process ends. `transact` runs one transaction, and returns the keys of its
/// events.
async fn run(arguments: &Arguments, transact: impl AsyncFn(Plan) -> Result<Vec<String>, Ended>) {
    let append_to = |name| arguments.folder.append_to(name);
    let journal = Arc::new(Journal {
        acknowledged: append_to("acknowledged"),
        conflicts: append_to("conflicts"),
        rolled_back: append_to("rolled-back"),
    });
    let task = async |task: u64| {
        let mut rng = Rng::with_seed(arguments.seed.wrapping_mul(TASKS).wrapping_add(task));
        loop {
            journal.record(transact(Plan::random(&mut rng, &journal)).await);
            tokio::time::sleep(PAUSE.mul_f64(rng.f64() * 2.0)).await;
        }
    };
    tokio::join!(task(0), task(1), task(2));
}

fn counted(counter: &str, version: u64) -> NewEvent<Counter> {
    NewEvent::new(counter.to_owned(), version, CounterEvent::Counted { by: 1, revision: 0 })
}

fn taken(note: &str, version: u64) -> NewEvent<Note> {
    NewEvent::new(note.to_owned(), version, NoteEvent::Taken { group: String::new() })
}

fn key<S: EventSourced>(id: &str, version: u64) -> String {
    format!("{} {id} {version}", S::EVENT_STORE_ID)
}
