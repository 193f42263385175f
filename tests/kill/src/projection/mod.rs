//! Read models that count the events of each aggregate, and all events.

mod postgres;
mod sqlite;

use std::time::Duration;

use castore::message::ChannelMessage;
use castore::prelude::*;
use castore::projection::ProjectionOptions;

use crate::domain::AppBusMessage;

pub(crate) use postgres::run_postgres;
pub(crate) use sqlite::run_sqlite;

/// The table with the number of events of each aggregate. Its columns are `store`, `aggregate`, `events` and
/// `last_version`. The read model has the same name.
pub const COUNTS: &str = "event_counts";

/// The table with the number of all events, in the column `events`.
pub const TOTALS: &str = "event_totals";

/// The prefix of the names of the files in which each process records a line for each event that it has applied, even
/// if the transaction is rolled back later.
pub const APPLIED: &str = "applied-";

/// The pause between the two writes for an event, in which a kill can interrupt the transaction.
const PACE: Duration = Duration::from_millis(2);

/// Returns options with small batches, so that kills can interrupt many batches.
fn options() -> ProjectionOptions {
    ProjectionOptions::default()
        .batch_size(20)
        .poll_interval(Duration::from_millis(50))
        .backoff(Duration::from_millis(20), Duration::from_secs(30))
}

/// The parts of an event that a projection needs.
struct Counted {
    store: &'static str,
    aggregate: String,
    version: u64,
}

impl Counted {
    fn of(message: &AppBusMessage) -> Self {
        let message = message.as_message();
        Self {
            store: message.event_store_id(),
            aggregate: message.aggregate_id(),
            version: message.version().expect("notifications are about events"),
        }
    }

    /// Checks that each event is applied once, in order. `last` is the last version in the read model.
    fn check(&self, last: Option<u64>) -> Result<(), HandlerError> {
        let Self { store, aggregate, version } = self;
        let last = last.unwrap_or(0);
        if *version == last + 1 {
            return Ok(());
        }
        Err(HandlerError::park(format!("{store} {aggregate}: version {version} came after {last}")))
    }
}
