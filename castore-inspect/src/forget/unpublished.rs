use castore_core::describe::ProgramDescription;
use castore_core::error::error_chain;
use castore_core::log::{EventLog, LogFilter, LogQuery};
use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::StorageError;

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
    /// reason.
    pub(super) async fn unpublished(&self, event_store_id: &str, aggregate_id: &str, events: usize) -> Vec<String> {
        let carries = |channel: &str| {
            let mut channels = self.program.channels.iter();
            channels.any(|known| known.id == channel && known.sources.contains(&event_store_id))
        };
        let mut unpublished = Vec::new();
        for relay in self.program.relays.iter().filter(|relay| carries(relay.channel)) {
            let reason = match self.storage {
                None => Some("its progress is unknown: call `relays(storage)` in the binary `operate`".to_owned()),
                Some((state, log)) => of_relay(state, log, relay.name, (event_store_id, aggregate_id), events)
                    .await
                    .unwrap_or_else(|error| Some(format!("its progress cannot be read: {}", error_chain(&error)))),
            };
            unpublished.extend(reason.map(|reason| format!("{} ({reason})", relay.name)));
        }
        unpublished
    }
}

/// Returns the reason why a relay may still have to publish an event of an aggregate.
async fn of_relay(
    state: &dyn RelayStorageAdapter,
    log: &dyn EventLog,
    relay: &str,
    (event_store_id, aggregate_id): (&str, &str),
    events: usize,
) -> Result<Option<String>, StorageError> {
    // The checkpoint is read first: an aggregate that is parked later was not published up to this checkpoint.
    let Some(checkpoint) = state.checkpoint(relay).await? else { return Ok(Some("it has never run".to_owned())) };
    let parked = state.parked(relay).await?;
    if parked.iter().any(|parked| (&*parked.event_store_id, &*parked.aggregate_id) == (event_store_id, aggregate_id)) {
        return Ok(Some("it has parked the aggregate".to_owned()));
    }
    let query = LogQuery::new(LogFilter::none().event_store_id(event_store_id), PAGE)
        .up_to(checkpoint.position)
        .aggregate(event_store_id, aggregate_id);
    let (mut published, mut position) = (0, 0);
    loop {
        let page = log.read_after(position, &query).await?;
        published += page.events.len();
        if !page.more || page.scanned_to <= position {
            break;
        }
        position = page.scanned_to;
    }
    let left = events.saturating_sub(published);
    Ok((left > 0).then(|| format!("it has not published {left} of {events} events")))
}
