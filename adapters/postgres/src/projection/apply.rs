use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use castore_runtime::log::{LogEntry, Logged};
use castore_runtime::{DecodeEventError, HandlerError, catch_panic, panic_text};
use deadpool_postgres::Transaction;
use tokio_postgres::error::SqlState;

use super::outage::is_outage;
use super::registry::Entry;
use super::site::Site;
use super::{ParkedAggregate, PgProjection};
use crate::errors::PostgresError;

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
            Self::Handler(error) => match error.source().downcast_ref::<tokio_postgres::Error>() {
                // As this crate tells it: its sources quote rows and parameters.
                Some(error) => PostgresError::describe(error),
                None => error.to_string(),
            },
            Self::Decode(error) => error.to_string(),
        }
    }
}

/// The database, not the event, is what failed.
pub(super) type DatabaseError = Box<dyn Error + Send + Sync>;

pub(super) fn database(error: tokio_postgres::Error) -> DatabaseError {
    PostgresError::from(error).into()
}

impl<P: PgProjection> Site<P> {
    /// Applies events and moves the checkpoint `from` one position `to` another, in one transaction.
    pub(super) async fn apply(&self, events: &[LogEntry], from: u64, to: u64) -> Result<Applied, DatabaseError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(database)?;
        let applied = self.apply_in(&transaction, events, from, to).await;
        match applied {
            Ok(Applied::Done(entry)) => {
                transaction.commit().await.map_err(database)?;
                Ok(Applied::Done(entry))
            }
            Ok(Applied::Refused { refusal: Refusal::Handler(error), .. })
                if is_outage(&error) || transaction.client().is_closed() =>
            {
                Err(error.into_source())
            }
            other => {
                // Or else the driver would send it unasked, and nobody would hear of the answer.
                let _ = transaction.rollback().await;
                other
            }
        }
    }

    async fn apply_in(
        &self,
        transaction: &Transaction<'_>,
        events: &[LogEntry],
        from: u64,
        to: u64,
    ) -> Result<Applied, DatabaseError> {
        let locked = self.registry.lock(transaction, P::NAME, P::VERSION).await.map_err(database)?;
        let (entry, number) = match locked {
            None => return Ok(Applied::Gone),
            Some((entry, _)) if entry.position != from => return Ok(Applied::Moved(entry)),
            Some(locked) => locked,
        };
        let parked = if entry.parked > 0 {
            self.registry.parked_positions(transaction, Self::KEY).await.map_err(database)?
        } else {
            Default::default()
        };
        for (index, event) in events.iter().enumerate() {
            let is_parked = !parked.is_empty()
                && parked.contains_key(&(event.event_store_id.to_string(), event.event.aggregate_id.clone()));
            if is_parked {
                continue;
            }
            if let Err(refusal) = self.apply_one(transaction, event).await {
                return Ok(Applied::Refused { index, refusal });
            }
        }
        let index = events.len().saturating_sub(1);
        match self.registry.advance(transaction, Self::KEY, to, &number).await {
            Ok(true) => Ok(Applied::Done(Entry { position: to, ..entry })),
            outcome => broken(outcome).map(|refusal| Applied::Refused { index, refusal }),
        }
    }

    /// Applies one event. The transaction is not fit for anything but to be rolled back if this fails.
    pub(super) async fn apply_one(&self, transaction: &Transaction<'_>, entry: &LogEntry) -> Result<(), Refusal> {
        let event = decode::<P>(entry)?;
        // After a panic all that was written is rolled back; what the projection keeps in memory is its own affair.
        let applied = catch_panic(async { self.projection.apply(transaction, &self.tables, &event).await }).await;
        applied.unwrap_or_else(|panic| Err(HandlerError::panicked(panic))).map_err(Refusal::Handler)
    }

    /// Parks the aggregate of an event and moves the checkpoint, in one transaction.
    pub(super) async fn park(&self, aggregate: &ParkedAggregate, from: u64, to: u64) -> Result<Applied, DatabaseError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(database)?;
        let locked = self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        let (entry, number) = match locked {
            None => return Ok(Applied::Gone),
            Some((entry, _)) if entry.position != from => return Ok(Applied::Moved(entry)),
            Some(locked) => locked,
        };
        self.registry.park(&transaction, Self::KEY, aggregate).await.map_err(database)?;
        self.registry.advance(&transaction, Self::KEY, to, &number).await.map_err(database)?;
        transaction.commit().await.map_err(database)?;
        Ok(Applied::Done(Entry { position: to, parked: entry.parked + 1, ..entry }))
    }
}

/// What was written before is committed, and nobody knows what of it: only a new version helps.
#[derive(Debug, thiserror::Error)]
#[error("the handler ended the transaction that it was given; what it wrote may be in the read model twice")]
pub(super) struct EndedTransaction;

/// What a handler did to its transaction, if the statement after it did not do what it always does.
pub(super) fn broken(outcome: Result<bool, tokio_postgres::Error>) -> Result<Refusal, DatabaseError> {
    match outcome {
        Ok(_) => Err(EndedTransaction.into()),
        Err(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
            Ok(Refusal::Handler(HandlerError::permanent("the handler went on after a statement had failed")))
        }
        Err(error) => Err(database(error)),
    }
}

/// Reads one event.
fn decode<P: PgProjection>(entry: &LogEntry) -> Result<P::Event, Refusal> {
    // A type's own `Deserialize` may panic, and would do so again.
    match catch_unwind(AssertUnwindSafe(|| P::Event::from_log(entry))) {
        Ok(decoded) => decoded.map_err(|error| Refusal::Decode(Box::new(error))),
        Err(panic) => {
            let error = format!("reading the event panicked: {}", panic_text(&*panic));
            Err(Refusal::Handler(HandlerError::permanent(error)))
        }
    }
}
