use std::time::{Duration, Instant};

use async_trait::async_trait;
use castore_core::log::{EventLog, LogEnd, LogId, LogPage, LogQuery, WakeUps};
use castore_core::storage::{EventStorageAdapter, StorageError, StorageId};

use super::read::{self, Events, Failed, storage_error};
use super::scanner::{Known, Scanner};
use super::sql::Filter;
use crate::PostgresEventStorageAdapter;
use crate::driver::PostgresPool;
use crate::statement::StatementMode;

/// The maximum number of ids that a page covers if the filter may not match all events.
const SPARSE_WINDOW: u64 = 1 << 18;

/// The maximum time that a read waits for transactions that block the log at the read's position. Most transactions
/// finish sooner.
const PATIENCE: Duration = Duration::from_millis(10);

/// The pause between two checks of a waiting read.
const PAUSE: Duration = Duration::from_millis(2);

/// [The crate documentation](crate#the-event-log) describes the transactions for which the log waits.
#[async_trait]
impl<P: PostgresPool> EventLog for PostgresEventStorageAdapter<P> {
    /// Returns an id that consists of the system identifier of the cluster and the oids of the database and the table.
    /// A restored dump or an upgraded cluster gets a new log id. A physical copy of a cluster keeps the log id of the
    /// original. If [rewrites are counted](crate#the-event-log), the id also changes when the table is
    /// truncated, because the positions may begin again.
    async fn log_id(&self) -> Result<LogId, StorageError> {
        // The id is determined each time, because another process may have dropped and created the table.
        known(self)?;
        Ok(self.scanner().check().await?.log_id)
    }

    fn event_storage_id(&self) -> Option<StorageId> {
        Some(self.storage_id())
    }

    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        let page = page(self, position, query).await?;
        tracing::trace!(position, events = page.events.len(), scanned_to = page.scanned_to, "read the log");
        Ok(page)
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        known(self)?;
        let known = self.scanner().check().await?;
        let (safe_position, last_position) = (known.safe, known.last);
        let blocked_by = known.blocked_by.filter(|_| safe_position < last_position);
        Ok(LogEnd::new(safe_position, last_position).blocked_by(blocked_by))
    }

    /// Returns the wake-ups that follow pushes through this adapter and its clones, and, by `NOTIFY`, pushes through
    /// other adapters of this crate. The original package sends no notifications, so readers find its pushes by
    /// polling.
    async fn wake_ups(&self) -> WakeUps {
        self.waker().wake_ups().await
    }
}

fn known<P>(adapter: &PostgresEventStorageAdapter<P>) -> Result<Option<Known>, StorageError> {
    if adapter.database().is_closed() {
        return Err(StorageError::ShutDown);
    }
    Ok(adapter.scanner().known())
}

async fn page<P>(
    adapter: &PostgresEventStorageAdapter<P>,
    position: u64,
    query: &LogQuery,
) -> Result<LogPage, StorageError> {
    let database = adapter.database();
    let until = query.up_to.unwrap_or(u64::MAX);
    // The last check is sufficient if it covers the last position of the page.
    let far = position.saturating_add(u64::try_from(query.limit).unwrap_or(u64::MAX)).min(until.saturating_sub(1));
    let mut known = known(adapter)?.filter(|known| known.safe > far);
    let mut is_fresh = false;
    let mut dead = 0;
    loop {
        let now = match known.take() {
            Some(known) => known,
            None => {
                is_fresh = true;
                check(adapter.scanner(), position, until.min(if query.limit > 0 { u64::MAX } else { 0 })).await?
            }
        };
        let table = database.table().await?;
        let client = database.client().await?;
        // The horizon is only valid until the server crashes. If this connection was opened after the horizon's
        // connection was last known to be alive, the server may have crashed in between.
        let opened_at = client.opened_at();
        if opened_at.is_some_and(|opened_at| opened_at >= now.alive_at) {
            continue;
        }
        let filter = Filter::new(&table, query);
        let up_to = window(position, now.safe.min(until), filter.as_ref());
        match read::events(database, &client, &table, query, filter.as_ref(), (position, up_to)).await {
            // The page is not full and ends at the horizon of an earlier check, so the loop checks for a later horizon.
            Ok(events) if !is_fresh && !events.more && up_to == now.safe && up_to < until => {}
            // The pool may have opened this connection after a crash of the server, or a pooler may have kept the
            // connection open during a crash. A check in the same session shows that the server did not crash.
            Ok(_)
                if (database.statements == StatementMode::Unnamed || opened_at.is_none())
                    && adapter.scanner().check().await?.session != now.session => {}
            Ok(events) => return Ok(finish(position, up_to, until, &now, query, events)),
            Err(Failed::Driver(error)) if error.is_dead() && dead < database.pool.max_size() => {
                // The pool may not have noticed yet that the connection is closed.
                drop(client.detach());
                dead += 1;
            }
            Err(failed) => return Err(storage_error(database, failed)),
        }
    }
}

/// Checks how far the log can be read, and waits briefly if writers block it at `position`.
async fn check(scanner: &Scanner, position: u64, until: u64) -> Result<Known, StorageError> {
    let asked_at = Instant::now();
    loop {
        let known = scanner.check().await?;
        let is_waiting = known.safe <= position && position < known.last.min(until);
        if !is_waiting || asked_at.elapsed() >= PATIENCE {
            return Ok(known);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns the last id that a page covers.
fn window(position: u64, up_to: u64, filter: Option<&Filter<'_>>) -> u64 {
    let is_sparse = filter.is_some_and(Filter::is_sparse);
    if is_sparse { up_to.min(position.saturating_add(SPARSE_WINDOW)) } else { up_to }
}

fn finish(position: u64, up_to: u64, until: u64, known: &Known, query: &LogQuery, events: Events) -> LogPage {
    let end = known.safe.min(until);
    let last = events.events.last().map_or(position, |entry| entry.position);
    let is_cut = events.more || query.limit == 0;
    LogPage::new(events.events, if is_cut { last.max(position) } else { up_to.max(position) })
        .more(events.more || up_to < end || (query.limit == 0 && position < end))
        .blocked_by(known.blocked_by.clone().filter(|_| known.safe < known.last.min(until)))
        .rewrites(events.rewrites)
}
