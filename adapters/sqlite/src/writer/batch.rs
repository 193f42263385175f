use castore_core::error::error_chain;
use castore_core::storage::{KnownVersions, PushOptions, PushReceipt, StorageError};
use rusqlite::{Connection, ErrorCode};

use super::gaps;
use super::insert::{InsertError, insert};
use super::job::{Job, Write};
use crate::errors::{EngineError, is_busy, is_outdated};

type JobResult = Result<Vec<PushReceipt>, StorageError>;

/// Executes all jobs in one transaction, and replies to the caller of each job after the commit.
///
/// A job that fails does not affect the other jobs. But if the transaction cannot begin, continue or commit, all jobs
/// fail.
///
/// Returns whether anything was stored.
///
/// # Errors
/// [`Busy`] with the unchanged jobs, if another connection is writing.
pub(super) fn execute(connection: &Connection, known: &KnownVersions, mut jobs: Vec<Job>) -> Result<bool, Busy> {
    jobs.retain(|job| !job.is_abandoned());
    match jobs.as_slice() {
        [] => Ok(false),
        [job] if job.writes.len() == 1 => alone(connection, known, jobs),
        _ => together(connection, known, jobs),
    }
}

/// The error of a transaction that could not begin, because another connection was writing for the whole busy timeout.
/// The error contains the jobs, none of which was executed.
#[derive(Debug)]
pub(super) struct Busy {
    pub(super) jobs: Vec<Job>,
    pub(super) error: rusqlite::Error,
}

/// Stores a single event with one statement, which SQLite executes as a transaction of its own.
fn alone(connection: &Connection, known: &KnownVersions, mut jobs: Vec<Job>) -> Result<bool, Busy> {
    let Some(job) = jobs.pop() else { return Ok(false) };
    let result = match insert_writes(connection, known, &job.writes, job.options, false) {
        Ok(stored) => Ok(stored),
        Err(Failed::Refused(error)) => Err(error),
        Err(Failed::Engine(error)) if is_busy(&error) => {
            return Err(Busy { jobs: vec![job], error });
        }
        // The statement also commits, so the failure may be that of the commit.
        Err(Failed::Engine(error)) => Err(commit_error(&EngineError::from(error))),
    };
    let stored = result.is_ok();
    job.answer(result);
    Ok(stored)
}

fn together(connection: &Connection, known: &KnownVersions, jobs: Vec<Job>) -> Result<bool, Busy> {
    match run(connection, "BEGIN IMMEDIATE") {
        Ok(()) => {}
        Err(error) if is_busy(&error) => return Err(Busy { jobs, error }),
        Err(error) => {
            fail_all(jobs, error, engine_error);
            return Ok(false);
        }
    }
    let mut results = Vec::with_capacity(jobs.len());
    for job in &jobs {
        match in_transaction(connection, known, &job.writes, job.options) {
            Ok(result) => results.push(result),
            Err(error) => {
                roll_back(connection);
                known.clear();
                fail_all(jobs, error, engine_error);
                return Ok(false);
            }
        }
    }
    match run(connection, "COMMIT") {
        Ok(()) => {
            // The versions are removed from the cache a second time: until the commit, a reader may have recorded the
            // versions from before the transaction.
            for job in jobs.iter().filter(|job| !job.options.refuses_gaps()) {
                forget(known, &job.writes);
            }
            let stored = results.iter().any(Result::is_ok);
            for (job, result) in jobs.into_iter().zip(results) {
                job.answer(result);
            }
            Ok(stored)
        }
        Err(error) => {
            roll_back(connection);
            known.clear();
            // Jobs with a conflict fail with this error, too: the conflicting event may have been rolled back.
            fail_all(jobs, error, commit_error);
            Ok(false)
        }
    }
}

/// Stores all of the writes or none within the transaction.
///
/// # Errors
/// The outer error means that the transaction cannot continue. The inner error concerns only these writes.
pub(super) fn in_transaction(
    connection: &Connection,
    known: &KnownVersions,
    writes: &[Write],
    options: PushOptions,
) -> Result<JobResult, rusqlite::Error> {
    // SQLite undoes a failed statement, so a single statement needs no savepoint.
    let savepoint = writes.len() > 1;
    if savepoint {
        run(connection, "SAVEPOINT job")?;
    }
    let result = insert_writes(connection, known, writes, options, savepoint);
    if connection.is_autocommit() {
        // On some errors, such as a full disk, SQLite rolls back the whole transaction.
        return Err(match result {
            Err(Failed::Engine(error)) => error,
            _ => rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT), None),
        });
    }
    if savepoint {
        if result.is_err() {
            run(connection, "ROLLBACK TO job")?;
            forget(known, writes);
        }
        run(connection, "RELEASE job")?;
    }
    match result {
        Ok(stored) => Ok(Ok(stored)),
        Err(Failed::Refused(error)) => Ok(Err(error)),
        // The transaction read the database before another connection wrote to it, so the transaction can never write.
        Err(Failed::Engine(error)) if is_outdated(&error) => Err(error),
        Err(Failed::Engine(error)) => Ok(Err(StorageError::engine(EngineError::from(error)))),
    }
}

/// The reason why a job failed.
enum Failed {
    /// The failure concerns only this job.
    Refused(StorageError),
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

/// Inserts the events of one push.
///
/// The statement for one event also checks that the event follows the last stored event of its aggregate. This suffices
/// for nearly all groups. If this check fails, all events of the push are checked together. There are two reasons: the
/// events of a group may have any order, and a conflict of one event takes precedence over a gap before another event.
fn insert_writes(
    connection: &Connection,
    known: &KnownVersions,
    writes: &[Write],
    options: PushOptions,
    savepoint: bool,
) -> Result<Vec<PushReceipt>, Failed> {
    match insert_all(connection, known, writes, options) {
        Ok(stored) => return Ok(stored),
        Err(InsertError::Refused(error)) => return Err(Failed::Refused(error)),
        Err(InsertError::Engine(error)) => return Err(Failed::Engine(error)),
        Err(InsertError::Gap) => {}
    }
    if savepoint {
        run(connection, "ROLLBACK TO job")?;
        forget(known, writes);
    }
    gaps::check(connection, writes)?.map_err(Failed::Refused)?;
    insert_all(connection, known, writes, options.allow_gap(true)).map_err(|error| match error {
        InsertError::Refused(error) => Failed::Refused(error),
        InsertError::Engine(error) => Failed::Engine(error),
        // This statement does not check for gaps.
        InsertError::Gap => Failed::Refused(StorageError::engine("SQLite rejected an event that passes all checks")),
    })
}

fn insert_all(
    connection: &Connection,
    known: &KnownVersions,
    writes: &[Write],
    options: PushOptions,
) -> Result<Vec<PushReceipt>, InsertError> {
    let insert = |write: &Write| insert(connection, known, write, options);
    writes.iter().map(insert).collect()
}

/// Removes the aggregates of the writes from the cache of last versions.
fn forget(known: &KnownVersions, writes: &[Write]) {
    for write in writes {
        known.remove(&write.event_store_id, &write.event.aggregate_id);
    }
}

pub(super) fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = run(connection, "ROLLBACK")
    {
        tracing::error!(error = error_chain(&error), "could not roll back a transaction");
    }
}

fn fail_all(jobs: Vec<Job>, error: rusqlite::Error, say: fn(&EngineError) -> StorageError) {
    let error = EngineError::from(error);
    for job in jobs {
        job.answer(Err(say(&error)));
    }
}

/// Converts an error of a transaction that was rolled back, so that nothing is stored.
pub(crate) fn engine_error(error: &EngineError) -> StorageError {
    StorageError::engine(error.clone())
}

/// Converts the error of a commit, or of a statement that commits.
pub(super) fn commit_error(error: &EngineError) -> StorageError {
    if error.code() == Some(ErrorCode::SystemIoFailure) {
        // The transaction may be in the write-ahead log on the disk although the commit failed. After a crash at this
        // moment, SQLite would recover the transaction.
        StorageError::UnknownOutcome(error.clone().into())
    } else {
        engine_error(error)
    }
}

/// Fails all jobs because another connection wrote for longer than the busy timeout.
pub(super) fn fail_busy(busy: Busy) {
    fail_all(busy.jobs, busy.error, engine_error);
}

pub(super) fn run(connection: &Connection, sql: &str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}
