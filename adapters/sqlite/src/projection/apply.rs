use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use castore_runtime::log::{LogEntry, Logged};
use castore_runtime::{DecodeEventError, HandlerError, panic_text};
use rusqlite::{ErrorCode, Transaction};

use super::registry::{self, Entry};
use super::worker::{Site, begin};
use super::{ParkedAggregate, SqliteProjection, Tables};

/// What a batch came to. Nothing was written unless it is `Done`.
#[derive(Debug)]
pub(super) enum Applied {
    Done(Entry),
    /// Another runner of the same projection was faster, or somebody has set it back.
    Moved(Entry),
    /// The projection cannot take this event.
    Refused {
        index: usize,
        refusal: Refusal,
    },
    /// The version was dropped.
    Gone,
}

/// Why an event was not applied.
#[derive(Debug)]
pub(super) enum Refusal {
    Handler(HandlerError),
    Decode(Box<DecodeEventError>),
}

impl Refusal {
    pub(super) fn is_permanent(&self) -> bool {
        match self {
            Self::Handler(error) => error.is_permanent(),
            Self::Decode(_) => true,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Handler(error) => error.to_string(),
            Self::Decode(error) => error.to_string(),
        }
    }
}

/// The database, not the event, is what failed.
pub(super) type DatabaseError = Box<dyn Error + Send + Sync>;

impl<P: SqliteProjection> Site<P> {
    /// Applies events and moves the checkpoint `from` one position `to` another, in one transaction.
    pub(super) fn apply(&mut self, events: &[LogEntry], from: u64, to: u64) -> Result<Applied, DatabaseError> {
        let decoded: Vec<_> = events.iter().map(decode::<P>).collect();
        let (_turn, transaction) = begin(&self.turns, &mut self.connection)?;
        if let Some(elsewhere) = checkpoint::<P>(&transaction, from)? {
            return Ok(elsewhere);
        }
        let parked = registry::parked_positions(&transaction, Self::KEY)?;
        for (index, (entry, event)) in events.iter().zip(decoded).enumerate() {
            let is_parked = !parked.is_empty()
                && parked.contains_key(&(entry.event_store_id.to_string(), entry.event.aggregate_id.clone()));
            if is_parked {
                continue;
            }
            let applied = event.and_then(|event| apply_one(&self.projection, &transaction, &self.tables, &event));
            if let Err(refusal) = applied {
                return refused(index, refusal);
            }
        }
        registry::advance(&transaction, Self::KEY, to)?;
        done::<P>(transaction)
    }

    /// Parks the aggregate of an event and moves the checkpoint, in one transaction.
    pub(super) fn park(&mut self, aggregate: &ParkedAggregate, from: u64, to: u64) -> Result<Applied, DatabaseError> {
        let (_turn, transaction) = begin(&self.turns, &mut self.connection)?;
        if let Some(elsewhere) = checkpoint::<P>(&transaction, from)? {
            return Ok(elsewhere);
        }
        registry::park(&transaction, Self::KEY, aggregate)?;
        registry::advance(&transaction, Self::KEY, to)?;
        done::<P>(transaction)
    }
}

/// `None` if the checkpoint is where it is expected.
fn checkpoint<P: SqliteProjection>(
    transaction: &Transaction<'_>,
    expected: u64,
) -> Result<Option<Applied>, DatabaseError> {
    Ok(match registry::find(transaction, P::NAME, P::VERSION)? {
        None => Some(Applied::Gone),
        Some(entry) if entry.position != expected => Some(Applied::Moved(entry)),
        Some(_) => None,
    })
}

fn done<P: SqliteProjection>(transaction: Transaction<'_>) -> Result<Applied, DatabaseError> {
    let entry = registry::find(&transaction, P::NAME, P::VERSION)?;
    transaction.commit()?;
    Ok(entry.map_or(Applied::Gone, Applied::Done))
}

/// Reads one event.
pub(super) fn decode<P: SqliteProjection>(entry: &LogEntry) -> Result<P::Event, Refusal> {
    // A type's own `Deserialize` may panic, and would do so again.
    match catch_unwind(|| P::Event::from_log(entry)) {
        Ok(decoded) => decoded.map_err(|error| Refusal::Decode(Box::new(error))),
        Err(panic) => {
            let error = format!("reading the event panicked: {}", panic_text(&*panic));
            Err(Refusal::Handler(HandlerError::permanent(error)))
        }
    }
}

/// Applies one event. The transaction is not fit for anything but to be rolled back if this fails.
pub(super) fn apply_one<P: SqliteProjection>(
    projection: &P,
    transaction: &Transaction<'_>,
    tables: &Tables,
    event: &P::Event,
) -> Result<(), Refusal> {
    // After a panic all that was written is rolled back; what the projection keeps in memory is its own affair.
    catch_unwind(AssertUnwindSafe(|| projection.apply(transaction, tables, event)))
        .unwrap_or_else(|panic| Err(HandlerError::panicked(panic)))
        .map_err(Refusal::Handler)?;
    if transaction.is_autocommit() {
        let error = HandlerError::permanent("the handler ended the transaction that it was given");
        return Err(Refusal::Handler(error));
    }
    Ok(())
}

fn refused(index: usize, refusal: Refusal) -> Result<Applied, DatabaseError> {
    match refusal {
        Refusal::Handler(error) if is_outage(&error) => Err(error.into_source()),
        refusal => Ok(Applied::Refused { index, refusal }),
    }
}

/// Whether the database is what failed, so that other events would fail as well.
pub(super) fn is_outage(error: &HandlerError) -> bool {
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
