use castore_runtime::log::{EventLog, LogEntry, LogFilter, LogQuery};
use castore_runtime::projection::ProjectionError;
use castore_runtime::storage::StorageError;

use super::apply::{DatabaseError, Refusal, broken, database};
use super::driver::refusal_error;
use super::outage::is_outage;
use super::site::Site;
use super::{ParkedAggregate, PgProjection};

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
pub(super) async fn retry_parked<P: PgProjection>(
    log: &dyn EventLog,
    site: &Site<P>,
    filter: &LogFilter,
    event_store_id: &str,
    aggregate_id: &str,
) -> Result<bool, ProjectionError> {
    let storage = |source: StorageError| ProjectionError::Storage { projection: P::NAME.to_owned(), source };
    let engine = |error: DatabaseError| storage(StorageError::engine(error));
    let key = (event_store_id.to_owned(), aggregate_id.to_owned());
    let mut was_parked = false;
    loop {
        let Some((next_position, checkpoint)) = site.find_parked(&key).await.map_err(engine)? else {
            return Ok(was_parked);
        };
        was_parked = true;
        let mut position = next_position.saturating_sub(1);
        loop {
            let query = LogQuery::new(filter.clone(), PAGE).up_to(checkpoint).aggregate(event_store_id, aggregate_id);
            let page = log.read_after(position, &query).await.map_err(storage)?;
            for entry in page.events {
                match site.apply_parked(&key, &entry).await.map_err(engine)? {
                    Retried::Done => {}
                    Retried::Changed => return Ok(true),
                    Retried::Refused(refusal) => {
                        site.note_refusal(&key, &entry, &refusal).await.map_err(engine)?;
                        return Err(refusal_error::<P>(&entry, refusal));
                    }
                }
            }
            position = page.scanned_to;
            if !page.more {
                break;
            }
        }
        // The checkpoint may have moved on meanwhile, over further events of the aggregate.
        if site.free(&key, checkpoint).await.map_err(engine)? {
            return Ok(true);
        }
    }
}

type Aggregate = (String, String);

impl<P: PgProjection> Site<P> {
    /// Where a parked aggregate goes on, and the checkpoint.
    async fn find_parked(&self, key: &Aggregate) -> Result<Option<(u64, u64)>, DatabaseError> {
        let client = self.client().await?;
        let parked = self.registry.parked_positions(&client, Self::KEY).await.map_err(database)?;
        let checkpoint = self.registry.find(&client, P::NAME, P::VERSION).await.map_err(database)?;
        Ok(parked.get(key).copied().zip(checkpoint.map(|entry| entry.position)))
    }

    async fn apply_parked(&self, key: &Aggregate, entry: &LogEntry) -> Result<Retried, DatabaseError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(database)?;
        // Against others who retry, and against the aggregate being parked anew.
        let Some((now, number)) = self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)? else {
            return Ok(Retried::Changed);
        };
        let parked = self.registry.parked_positions(&transaction, Self::KEY).await.map_err(database)?;
        if parked.get(key).is_none_or(|next| *next > entry.position) {
            return Ok(Retried::Changed);
        }
        let applied = self.apply_one(&transaction, entry).await;
        match applied {
            Ok(()) => {
                let is_whole = self.registry.advance(&transaction, Self::KEY, now.position, &number).await;
                if !matches!(is_whole, Ok(true)) {
                    return broken(is_whole).map(Retried::Refused);
                }
                let next = Some(entry.position + 1);
                self.registry.advance_parked(&transaction, Self::KEY, key, next).await.map_err(database)?;
                transaction.commit().await.map_err(database)?;
                Ok(Retried::Done)
            }
            Err(Refusal::Handler(error)) if is_outage(&error) || transaction.client().is_closed() => {
                Err(error.into_source())
            }
            Err(refusal) => Ok(Retried::Refused(refusal)),
        }
    }

    async fn note_refusal(&self, key: &Aggregate, entry: &LogEntry, refusal: &Refusal) -> Result<(), DatabaseError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(database)?;
        if self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)?.is_none() {
            return Ok(());
        }
        let parked = self.registry.parked(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        let before = parked.into_iter().find(|parked| parked.event_store_id == key.0 && parked.aggregate_id == key.1);
        if let Some(before) = before {
            let attempts = if before.version == entry.event.version { before.attempts.saturating_add(1) } else { 1 };
            let parked = ParkedAggregate {
                next_position: entry.position,
                version: entry.event.version,
                attempts,
                error: refusal.text(),
                ..before
            };
            self.registry.park(&transaction, Self::KEY, &parked).await.map_err(database)?;
            transaction.commit().await.map_err(database)?;
        }
        Ok(())
    }

    /// Frees an aggregate whose events up to that checkpoint are applied. Answers whether it is free.
    async fn free(&self, key: &Aggregate, checkpoint: u64) -> Result<bool, DatabaseError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(database)?;
        let locked = self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        if locked.is_some_and(|(now, _)| now.position != checkpoint) {
            return Ok(false);
        }
        self.registry.advance_parked(&transaction, Self::KEY, key, None).await.map_err(database)?;
        transaction.commit().await.map_err(database)?;
        Ok(true)
    }
}
