use castore_core::describe::ProgramDescription;
use castore_core::error::error_chain;
use castore_core::log::{EventLog, LogFilter, LogId, LogQuery};
use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::StorageError;

use crate::relay_names::relay_names;

/// The number of events that are read from the log at a time.
const PAGE: usize = 500;

/// The relays of a program, and the storage of their state with the log that they read. The storage is missing if the
/// program has not registered it.
pub(crate) struct Relays<'a> {
    pub(crate) program: &'a ProgramDescription,
    pub(crate) storage: Option<(&'a dyn RelayStorageAdapter, &'a dyn EventLog)>,
}

impl Relays<'_> {
    /// Returns the relays that may still have to publish one of the `events` events of an aggregate, each with the
    /// reason. Relays that the program does not declare count if they read the same log, because they may publish any
    /// event store.
    pub(super) async fn unpublished(&self, event_store_id: &str, aggregate_id: &str, events: usize) -> Vec<String> {
        let carries = |channel: &str| {
            let mut channels = self.program.channels.iter();
            channels.any(|known| known.id == channel && known.sources.contains(&event_store_id))
        };
        let declared = self.program.relays.iter().filter(|relay| carries(relay.channel)).map(|relay| relay.name);
        let Some((state, log)) = self.storage else {
            let reason = "its progress is unknown: call `relays(storage)` in the binary `operate`";
            return declared.map(|name| format!("{name} ({reason})")).collect();
        };
        let other = |name: &str| self.program.relays.iter().any(|relay| relay.name == name && !carries(relay.channel));
        let search = Search { state, log, event_store_id, aggregate_id, events };
        let (log_id, relays) = match (log.log_id().await, relay_names(declared, state).await) {
            (Ok(log_id), Ok(relays)) => (log_id, relays),
            (Err(error), _) | (_, Err(error)) => {
                return vec![format!("any relay (their progress cannot be read: {})", error_chain(&error))];
            }
        };
        let mut unpublished = Vec::new();
        for relay in relays.iter().filter(|relay| !other(&relay.name)) {
            let reason = search.of_relay(&relay.name, relay.is_declared, &log_id).await;
            let reason =
                reason.unwrap_or_else(|error| Some(format!("its progress cannot be read: {}", error_chain(&error))));
            unpublished.extend(reason.map(|reason| format!("{} ({reason})", relay.name)));
        }
        unpublished
    }
}

struct Search<'a> {
    state: &'a dyn RelayStorageAdapter,
    log: &'a dyn EventLog,
    event_store_id: &'a str,
    aggregate_id: &'a str,
    events: usize,
}

impl Search<'_> {
    /// Returns the reason why a relay may still have to publish an event of the aggregate.
    async fn of_relay(&self, relay: &str, is_declared: bool, log_id: &LogId) -> Result<Option<String>, StorageError> {
        // The checkpoint is read first: an aggregate that is parked later was not published up to this checkpoint.
        let Some(checkpoint) = self.state.checkpoint(relay).await? else {
            return Ok(is_declared.then(|| "it has never run".to_owned()));
        };
        if checkpoint.log_id != *log_id {
            return Ok(is_declared.then(|| "its checkpoint belongs to another log".to_owned()));
        }
        let key = (self.event_store_id, self.aggregate_id);
        let parked = self.state.parked(relay).await?;
        if parked.iter().any(|parked| (&*parked.event_store_id, &*parked.aggregate_id) == key) {
            return Ok(Some("it has parked the aggregate".to_owned()));
        }
        let left = self.events.saturating_sub(self.events_up_to(checkpoint.position).await?);
        Ok((left > 0).then(|| format!("it has not published {left} of {} events", self.events)))
    }

    /// Returns the number of events of the aggregate up to a position of the log.
    async fn events_up_to(&self, last: u64) -> Result<usize, StorageError> {
        let query = LogQuery::new(LogFilter::none().event_store_id(self.event_store_id), PAGE)
            .up_to(last)
            .aggregate(self.event_store_id, self.aggregate_id);
        let (mut events, mut position) = (0, 0);
        loop {
            let page = self.log.read_after(position, &query).await?;
            events += page.events.len();
            if !page.more || page.scanned_to <= position {
                return Ok(events);
            }
            position = page.scanned_to;
        }
    }
}
