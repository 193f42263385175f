use castore_core::log::{EventLog, LogFilter, LogQuery};
use castore_core::storage::StorageError;

use super::{DatabaseError, ReadModelStore, Retried, StoreError};
use crate::ProjectionError;

/// The maximum number of events to read at a time.
const PAGE: usize = 200;

/// The reason why a retry failed.
pub(super) enum RetryError {
    /// An event was rejected again, or the log or the database failed. The aggregate stays parked.
    Failed(ProjectionError),
    /// The store failed permanently.
    Fatal(DatabaseError),
}

/// Applies the events of a parked aggregate up to the checkpoint, each in a separate transaction, and then unparks the
/// aggregate. Returns whether the aggregate was parked.
pub(super) async fn retry_parked<S: ReadModelStore>(
    log: &dyn EventLog,
    store: &S,
    filter: &LogFilter,
    event_store_id: &str,
    aggregate_id: &str,
) -> Result<bool, RetryError> {
    let storage =
        |source: StorageError| RetryError::Failed(ProjectionError::Storage { projection: S::NAME.to_owned(), source });
    let database = |error: StoreError| match error {
        StoreError::Unavailable(source) => storage(StorageError::engine(source)),
        StoreError::Fatal(source) => RetryError::Fatal(source),
    };
    let mut was_parked = false;
    loop {
        let Some(next_position) = store.find_parked(event_store_id, aggregate_id).await.map_err(database)? else {
            return Ok(was_parked);
        };
        let Some(version) = store.version().await.map_err(database)? else { return Ok(was_parked) };
        was_parked = true;
        let (mut position, mut next) = (next_position.saturating_sub(1), next_position);
        loop {
            let query =
                LogQuery::new(filter.clone(), PAGE).up_to(version.position).aggregate(event_store_id, aggregate_id);
            let page = log.read_after(position, &query).await.map_err(storage)?;
            for event in page.events {
                match store.apply_parked(event.clone(), next).await.map_err(database)? {
                    Retried::Done => next = event.position + 1,
                    Retried::Changed => return Ok(true),
                    Retried::Refused(refusal) => {
                        store.refuse_parked(event.clone(), refusal.text()).await.map_err(database)?;
                        return Err(RetryError::Failed(refusal.into_error(S::NAME, &event)));
                    }
                }
            }
            position = page.scanned_to;
            if !page.more {
                break;
            }
        }
        // The checkpoint may have moved past further events of the aggregate in the meantime.
        if store.unpark(event_store_id, aggregate_id, version.position).await.map_err(database)? {
            return Ok(true);
        }
    }
}
