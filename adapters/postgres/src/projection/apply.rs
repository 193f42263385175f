use castore_core::consumer::HandlerError;
use castore_core::future::catch_panic;
use castore_core::log::LogEntry;
use castore_projection::engine::{self, Applied, Checkpoint, ReadModelVersion, Rejection, Retried, StoreError};
use tokio_postgres::error::SqlState;

use super::ParkedProjectionAggregate;
use super::any_projection::Projection;
use super::handler;
use super::outage::is_outage;
use super::site::Site;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use crate::driver::sqlx;
use crate::driver::{DriverError, OpenTransaction};
use crate::errors::PostgresError;

pub(super) fn database(error: DriverError) -> StoreError {
    StoreError::Unavailable(PostgresError::from(error).into())
}

impl<P: Projection> Site<P> {
    /// Applies the events of all aggregates that are not parked, and moves the checkpoint from the position `from` to
    /// `to`, in one transaction.
    pub(super) async fn apply_events(
        &self,
        events: &[LogEntry],
        from: u64,
        to: &Checkpoint,
    ) -> Result<Applied, StoreError> {
        let mut client = self.client().await?;
        let transaction = client.begin().await.map_err(database)?;
        let applied = self.apply_in(&transaction, events, from, to).await;
        match applied {
            Ok(Applied::Done(version)) => {
                transaction.commit().await.map_err(database)?;
                Ok(Applied::Done(version))
            }
            Ok(Applied::Refused { index, refusal }) => {
                let refused = not_an_outage(refusal, &transaction);
                roll_back(transaction).await;
                refused.map(|refusal| Applied::Refused { index, refusal })
            }
            other => {
                roll_back(transaction).await;
                other
            }
        }
    }

    async fn apply_in(
        &self,
        transaction: &OpenTransaction<'_>,
        events: &[LogEntry],
        from: u64,
        to: &Checkpoint,
    ) -> Result<Applied, StoreError> {
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
            Ok(true) => Ok(Applied::Done(moved(entry, to))),
            outcome => broken(outcome).map(|refusal| Applied::Refused { index, refusal }),
        }
    }

    /// Applies one event. After a failure the transaction must be rolled back.
    async fn apply_one(&self, transaction: &OpenTransaction<'_>, entry: &LogEntry) -> Result<(), Rejection> {
        let event = engine::decode::<P::Event>(entry)?;
        // A panic rolls back all writes, so the transaction is unwind safe. The projection is responsible for its state
        // in memory.
        let apply = async { self.projection.apply(transaction, &self.tables, &event).await };
        let applied = catch_panic(handler::run(&self.pool, apply)).await;
        applied.unwrap_or_else(|panic| Err(HandlerError::panicked(panic))).map_err(Rejection::Handler)
    }

    /// Parks an aggregate and moves the checkpoint, in one transaction.
    pub(super) async fn park_aggregate(
        &self,
        aggregate: &ParkedProjectionAggregate,
        from: u64,
        to: &Checkpoint,
    ) -> Result<Applied, StoreError> {
        let mut client = self.client().await?;
        let transaction = client.begin().await.map_err(database)?;
        let locked = self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        let (entry, number) = match locked {
            None => return Ok(Applied::Gone),
            Some((entry, _)) if entry.position != from => return Ok(Applied::Moved(entry)),
            Some(locked) => locked,
        };
        self.registry.park(&transaction, Self::KEY, aggregate).await.map_err(database)?;
        self.registry.advance(&transaction, Self::KEY, to, &number).await.map_err(database)?;
        transaction.commit().await.map_err(database)?;
        Ok(Applied::Done(ReadModelVersion { parked: entry.parked + 1, ..moved(entry, to) }))
    }

    /// Applies one event of a parked aggregate, if the position of the aggregate's next event is still `from`.
    /// Afterwards, the aggregate's next event is the event after this one.
    pub(super) async fn apply_parked_event(&self, entry: &LogEntry, from: u64) -> Result<Retried, StoreError> {
        let key = (entry.event_store_id.to_string(), entry.event.aggregate_id.clone());
        let mut client = self.client().await?;
        let transaction = client.begin().await.map_err(database)?;
        // The lock excludes other processes that retry or park the same aggregate.
        let Some((now, number)) = self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)? else {
            return Ok(Retried::Changed);
        };
        let parked = self.registry.parked_positions(&transaction, Self::KEY).await.map_err(database)?;
        if parked.get(&key) != Some(&from) {
            return Ok(Retried::Changed);
        }
        if let Err(refusal) = self.apply_one(&transaction, entry).await {
            let refused = not_an_outage(refusal, &transaction);
            roll_back(transaction).await;
            return refused.map(Retried::Refused);
        }
        let is_whole = self.registry.advance(&transaction, Self::KEY, &now.position.into(), &number).await;
        if !matches!(is_whole, Ok(true)) {
            return broken(is_whole).map(Retried::Refused);
        }
        let next = Some(entry.position + 1);
        self.registry.advance_parked(&transaction, Self::KEY, &key, next).await.map_err(database)?;
        transaction.commit().await.map_err(database)?;
        Ok(Retried::Done)
    }
}

/// Returns the version with the new checkpoint.
fn moved(entry: ReadModelVersion, to: &Checkpoint) -> ReadModelVersion {
    let event = to.event.clone().or_else(|| entry.event.clone());
    ReadModelVersion { position: to.position, event, ..entry }
}

/// Rolls the transaction back, and ignores the result. Without this call, the driver would only roll back when the
/// connection is used again.
async fn roll_back(transaction: OpenTransaction<'_>) {
    let _ = transaction.rollback().await;
}

/// Returns the rejection, if the event caused the failure.
///
/// # Errors
/// [`StoreError::Unavailable`] with the error of the handler, if the database caused the failure.
fn not_an_outage(refusal: Rejection, transaction: &OpenTransaction<'_>) -> Result<Rejection, StoreError> {
    match refusal {
        Rejection::Handler(error) if is_outage(&error) || transaction.is_closed() => {
            Err(StoreError::Unavailable(printable(error).into_source()))
        }
        Rejection::Handler(error) => Ok(Rejection::Handler(printable(error))),
        refusal => Ok(refusal),
    }
}

/// Wraps a driver error in the error of this crate. The text of a driver error shows only the kind of error, and the
/// sources of a driver error quote rows and parameters.
fn printable(error: HandlerError) -> HandlerError {
    let class = error.action();
    let source = match error.into_source().downcast::<tokio_postgres::Error>() {
        Ok(driver) => return HandlerError::with_action(PostgresError::from(*driver), class),
        Err(other) => other,
    };
    #[cfg(feature = "sqlx-0_8")]
    let source = match source.downcast::<sqlx_08::Error>() {
        Ok(driver) => return HandlerError::with_action(PostgresError::from(sqlx::v08::failed(*driver)), class),
        Err(other) => other,
    };
    #[cfg(feature = "sqlx-0_9")]
    let source = match source.downcast::<sqlx_09::Error>() {
        Ok(driver) => return HandlerError::with_action(PostgresError::from(sqlx::v09::failed(*driver)), class),
        Err(other) => other,
    };
    HandlerError::with_action(source, class)
}

/// The error for a handler that has ended the transaction of its projection. It is unknown which events were applied,
/// so the read model must be built as a new version.
#[derive(Debug, thiserror::Error)]
#[error(
    "the handler ended the transaction of the projection, so its writes may be applied twice; raise the projection's version to build the read model again"
)]
struct EndedTransaction;

/// Determines from the result of the next statement whether the handler has aborted or ended its transaction.
fn broken(outcome: Result<bool, DriverError>) -> Result<Rejection, StoreError> {
    match outcome {
        Ok(_) => Err(StoreError::Fatal(EndedTransaction.into())),
        Err(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
            Ok(Rejection::Handler(HandlerError::park("the handler continued after a statement had failed")))
        }
        Err(error) => Err(database(error)),
    }
}
