use castore_runtime::log::{EventLog, LogEntry, LogFilter, LogQuery};
use castore_runtime::projection::ProjectionError;
use castore_runtime::storage::StorageError;

use super::apply::{DatabaseError, Refusal, apply_one, decode, is_outage};
use super::driver::refusal_error;
use super::registry;
use super::worker::{Site, Worker, begin};
use super::{ParkedAggregate, SqliteProjection};

/// How many events are read at a time.
const PAGE: usize = 200;

/// What applying an event of a parked aggregate came to.
enum Retried {
    Done,
    /// Somebody else retries it too, or freed it.
    Changed,
    Refused(Refusal),
}

/// Applies the events of a parked aggregate, each in a transaction of its own, up to the checkpoint. Answers whether it
/// was parked.
pub(super) async fn retry_parked<P: SqliteProjection>(
    log: &dyn EventLog,
    worker: &Worker<P>,
    filter: &LogFilter,
    event_store_id: &str,
    aggregate_id: &str,
) -> Result<bool, ProjectionError> {
    let storage = |source: StorageError| ProjectionError::Storage { projection: P::NAME.to_owned(), source };
    let mut was_parked = false;
    loop {
        let key = (event_store_id.to_owned(), aggregate_id.to_owned());
        let found = worker
            .call(move |site| site.find_parked(&key))
            .await
            .map_err(engine)
            .and_then(|found| found.map_err(engine));
        let Some((next_position, checkpoint)) = found.map_err(storage)? else {
            return Ok(was_parked);
        };
        was_parked = true;
        let mut position = next_position.saturating_sub(1);
        loop {
            let query = LogQuery::new(filter.clone(), PAGE).up_to(checkpoint).aggregate(event_store_id, aggregate_id);
            let page = log.read_after(position, &query).await.map_err(storage)?;
            for entry in page.events {
                let event = entry.clone();
                let retried = worker
                    .call(move |site| site.apply_parked(&event))
                    .await
                    .map_err(engine)
                    .and_then(|done| done.map_err(engine));
                match retried.map_err(storage)? {
                    Retried::Done => {}
                    Retried::Changed => return Ok(true),
                    Retried::Refused(refusal) => return Err(refusal_error::<P>(&entry, refusal)),
                }
            }
            position = page.scanned_to;
            if !page.more {
                break;
            }
        }
        // The checkpoint may have moved on meanwhile, over further events of the aggregate.
        let key = (event_store_id.to_owned(), aggregate_id.to_owned());
        let freed = worker
            .call(move |site| site.free(&key, checkpoint))
            .await
            .map_err(engine)
            .and_then(|freed| freed.map_err(engine));
        if freed.map_err(storage)? {
            return Ok(true);
        }
    }
}

fn engine(error: impl Into<DatabaseError>) -> StorageError {
    StorageError::engine(error)
}

impl<P: SqliteProjection> Site<P> {
    /// Where a parked aggregate goes on, and the checkpoint.
    fn find_parked(&mut self, key: &(String, String)) -> Result<Option<(u64, u64)>, DatabaseError> {
        let transaction = self.connection.transaction()?;
        let parked = registry::parked_positions(&transaction, Self::KEY)?;
        let checkpoint = registry::find(&transaction, P::NAME, P::VERSION)?;
        Ok(parked.get(key).copied().zip(checkpoint.map(|entry| entry.position)))
    }

    fn apply_parked(&mut self, entry: &LogEntry) -> Result<Retried, DatabaseError> {
        let key = (entry.event_store_id.to_string(), entry.event.aggregate_id.clone());
        let event = decode::<P>(entry);
        let (turn, transaction) = begin(&self.turns, &mut self.connection)?;
        let parked = registry::parked_positions(&transaction, Self::KEY)?;
        if parked.get(&key).is_none_or(|next| *next > entry.position) {
            return Ok(Retried::Changed);
        }
        let applied = event.and_then(|event| apply_one(&self.projection, &transaction, &self.tables, &event));
        match applied {
            Ok(()) => {
                registry::advance_parked(&transaction, Self::KEY, &key.0, &key.1, entry.position + 1)?;
                transaction.commit()?;
                Ok(Retried::Done)
            }
            Err(Refusal::Handler(error)) if is_outage(&error) => Err(error.into_source()),
            Err(refusal) => {
                drop(transaction);
                drop(turn);
                self.note_refusal(entry, &refusal)?;
                Ok(Retried::Refused(refusal))
            }
        }
    }

    fn note_refusal(&mut self, entry: &LogEntry, refusal: &Refusal) -> Result<(), DatabaseError> {
        let (_turn, transaction) = begin(&self.turns, &mut self.connection)?;
        let before = registry::parked(&transaction, P::NAME, P::VERSION)?.into_iter().find(|parked| {
            *parked.event_store_id == *entry.event_store_id && parked.aggregate_id == entry.event.aggregate_id
        });
        if let Some(before) = before {
            let attempts = if before.version == entry.event.version { before.attempts.saturating_add(1) } else { 1 };
            registry::park(
                &transaction,
                Self::KEY,
                &ParkedAggregate {
                    next_position: entry.position,
                    version: entry.event.version,
                    attempts,
                    error: refusal.text(),
                    ..before
                },
            )?;
            transaction.commit()?;
        }
        Ok(())
    }

    /// Frees an aggregate whose events up to that checkpoint are applied. Answers whether it is free.
    fn free(&mut self, key: &(String, String), checkpoint: u64) -> Result<bool, DatabaseError> {
        let (_turn, transaction) = begin(&self.turns, &mut self.connection)?;
        let now = registry::find(&transaction, P::NAME, P::VERSION)?;
        if now.is_some_and(|now| now.position != checkpoint) {
            return Ok(false);
        }
        registry::unpark(&transaction, Self::KEY, &key.0, &key.1)?;
        transaction.commit()?;
        Ok(true)
    }
}
