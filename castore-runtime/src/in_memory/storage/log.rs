use async_trait::async_trait;
use castore_core::log::{EventLog, LogEnd, LogEntry, LogId, LogPage, LogQuery, WakeUps};
use castore_core::storage::{EventStorageAdapter, StorageError, StorageId};

use super::InMemoryEventStorageAdapter;

/// The maximum number of events that one read scans, unless the limit of the query is higher. Writers wait during the
/// scan.
const LOOK_AT: usize = 4_096;

/// The log never waits for a writer, because each event gets its position while it is stored.
#[async_trait]
impl EventLog for InMemoryEventStorageAdapter {
    async fn log_id(&self) -> Result<LogId, StorageError> {
        Ok(self.stored_log_id().clone())
    }

    fn event_storage_id(&self) -> Option<StorageId> {
        Some(EventStorageAdapter::storage_id(self))
    }

    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        Ok(self.read(|state| {
            let last = state.last_position().min(query.up_to.unwrap_or(u64::MAX));
            let mut page = LogPage::new(Vec::new(), position.max(last)).rewrites(state.rewrite_count());
            let wanted = state.log_after(position).take_while(|(position, ..)| *position <= last);
            for (looked_at, (position, store, stored)) in wanted.enumerate() {
                if page.events.len() == query.limit || looked_at == LOOK_AT.max(query.limit) {
                    page.scanned_to = position - 1;
                    page.more = true;
                    break;
                }
                let passes = query.filter.passes(store, &stored.raw.event_type)
                    && query.aggregate.as_ref().is_none_or(|one| {
                        *one.event_store_id == **store && one.aggregate_id == stored.raw.aggregate_id
                    });
                if passes {
                    page.events.push(LogEntry::new(position, store.clone(), stored.raw.clone()));
                }
            }
            page
        }))
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        let last = self.read(|state| state.last_position());
        Ok(LogEnd::new(last, last))
    }

    async fn wake_ups(&self) -> WakeUps {
        WakeUps::new(self.subscribe(), ())
    }
}
