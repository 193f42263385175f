use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use castore_core::consumer::HandlerError;
use castore_core::log::LogEntry;
use castore_projection::engine::{self, Applied, Checkpoint, DatabaseError, Rejection, Retried};
use rusqlite::{ErrorCode, Transaction};

use super::worker::{Site, begin};
use super::{ParkedProjectionAggregate, SqliteProjection, Tables};
use super::{handler, parked, registry};
use crate::open_file::FileId;

impl<P: SqliteProjection> Site<P> {
    /// Applies events and moves the checkpoint from one position to another, in one transaction.
    pub(super) fn apply(&mut self, events: &[LogEntry], from: u64, to: &Checkpoint) -> Result<Applied, DatabaseError> {
        let decoded: Vec<_> = events.iter().map(engine::decode::<P::Event>).collect();
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        if let Some(elsewhere) = checkpoint::<P>(&transaction, from)? {
            return Ok(elsewhere);
        }
        let parked = parked::positions(&transaction, Self::KEY)?;
        for (index, (entry, event)) in events.iter().zip(decoded).enumerate() {
            let is_parked = !parked.is_empty()
                && parked.contains_key(&(entry.event_store_id.to_string(), entry.event.aggregate_id.clone()));
            if is_parked {
                continue;
            }
            let applied =
                event.and_then(|event| apply_one(&self.projection, self.file.id(), &transaction, &self.tables, &event));
            if let Err(refusal) = applied {
                return not_an_outage(refusal).map(|refusal| Applied::Refused { index, refusal });
            }
        }
        registry::advance(&transaction, Self::KEY, to)?;
        done::<P>(transaction)
    }

    /// Parks an aggregate and moves the checkpoint, in one transaction.
    pub(super) fn park(
        &mut self,
        aggregate: &ParkedProjectionAggregate,
        from: u64,
        to: &Checkpoint,
    ) -> Result<Applied, DatabaseError> {
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        if let Some(elsewhere) = checkpoint::<P>(&transaction, from)? {
            return Ok(elsewhere);
        }
        parked::park(&transaction, Self::KEY, aggregate)?;
        registry::advance(&transaction, Self::KEY, to)?;
        done::<P>(transaction)
    }

    /// Applies one event of a parked aggregate, if the position of the aggregate's next event is still `from`.
    /// Afterwards, the aggregate's next event is the event after this one.
    pub(super) fn apply_parked(&mut self, entry: &LogEntry, from: u64) -> Result<Retried, DatabaseError> {
        let (event_store_id, aggregate_id) = (entry.event_store_id.to_string(), entry.event.aggregate_id.clone());
        let event = engine::decode::<P::Event>(entry);
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        let parked = parked::positions(&transaction, Self::KEY)?;
        let key = (event_store_id, aggregate_id);
        if parked.get(&key) != Some(&from) {
            return Ok(Retried::Changed);
        }
        let applied =
            event.and_then(|event| apply_one(&self.projection, self.file.id(), &transaction, &self.tables, &event));
        if let Err(refusal) = applied {
            return not_an_outage(refusal).map(Retried::Refused);
        }
        parked::advance(&transaction, Self::KEY, &key.0, &key.1, entry.position + 1)?;
        transaction.commit()?;
        Ok(Retried::Done)
    }

    pub(super) fn refuse_parked(&mut self, entry: &LogEntry, error: String) -> Result<(), DatabaseError> {
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        let parked = parked::all(&transaction, P::NAME, P::VERSION)?;
        let before = parked.into_iter().find(|parked| parked.is(&entry.event_store_id, &entry.event.aggregate_id));
        if let Some(again) = before.and_then(|before| before.refused_again(entry, error)) {
            parked::park(&transaction, Self::KEY, &again)?;
            transaction.commit()?;
        }
        Ok(())
    }

    /// Removes an aggregate from the parked aggregates. Returns `false` and changes nothing if the checkpoint is no
    /// longer at the given position.
    pub(super) fn unpark(
        &mut self,
        event_store_id: &str,
        aggregate_id: &str,
        checkpoint: u64,
    ) -> Result<bool, DatabaseError> {
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        let now = registry::find(&transaction, P::NAME, P::VERSION)?;
        if now.is_some_and(|now| now.position != checkpoint) {
            return Ok(false);
        }
        parked::unpark(&transaction, Self::KEY, event_store_id, aggregate_id)?;
        transaction.commit()?;
        Ok(true)
    }
}

/// Checks that the checkpoint is at the expected position. Returns `None` if it is there, and otherwise the outcome
/// that the caller must return.
fn checkpoint<P: SqliteProjection>(
    transaction: &Transaction<'_>,
    expected: u64,
) -> Result<Option<Applied>, DatabaseError> {
    Ok(match registry::find(transaction, P::NAME, P::VERSION)? {
        None => Some(Applied::Gone),
        Some(version) if version.position != expected => Some(Applied::Moved(version)),
        Some(_) => None,
    })
}

fn done<P: SqliteProjection>(transaction: Transaction<'_>) -> Result<Applied, DatabaseError> {
    let version = registry::find(&transaction, P::NAME, P::VERSION)?;
    transaction.commit()?;
    Ok(version.map_or(Applied::Gone, Applied::Done))
}

/// Applies one event. After a failure, the transaction must be rolled back.
fn apply_one<P: SqliteProjection>(
    projection: &P,
    file: FileId,
    transaction: &Transaction<'_>,
    tables: &Tables,
    event: &P::Event,
) -> Result<(), Rejection> {
    // After a panic, all writes are rolled back, so the transaction is unwind safe. The projection is responsible for
    // its state in memory.
    let apply = || handler::run(file, || projection.apply(transaction, tables, event));
    catch_unwind(AssertUnwindSafe(apply))
        .unwrap_or_else(|panic| Err(HandlerError::panicked(panic)))
        .map_err(Rejection::Handler)?;
    if transaction.is_autocommit() {
        let error = HandlerError::park("the handler ended its transaction; do not commit or roll back in `apply`");
        return Err(Rejection::Handler(error));
    }
    Ok(())
}

/// Returns the rejection, if the event caused the failure.
///
/// # Errors
/// The error of the handler, if the database caused the failure.
fn not_an_outage(refusal: Rejection) -> Result<Rejection, DatabaseError> {
    match refusal {
        Rejection::Handler(error) if is_outage(&error) => Err(error.into_source()),
        refusal => Ok(refusal),
    }
}

/// Returns whether the error is a failure of the database that would also make other events fail.
fn is_outage(error: &HandlerError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.source());
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<rusqlite::Error>() {
            return matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::CannotOpen
                        | ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseCorrupt
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::FileLockingProtocolFailed
                        | ErrorCode::NotADatabase
                        | ErrorCode::OperationAborted
                        | ErrorCode::OperationInterrupted
                        | ErrorCode::OutOfMemory
                        | ErrorCode::PermissionDenied
                        | ErrorCode::ReadOnly
                        | ErrorCode::SystemIoFailure
                )
            );
        }
        cause = error.source();
    }
    false
}
