use std::fmt;

use serde_json::{Value, json};

use super::RemainingData;

/// The report about a forgotten aggregate. `Display` writes the report as text for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForgetReport {
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// Whether this was a dry run: nothing was changed, and the report describes what would be changed.
    pub dry_run: bool,
    /// The number of events of the aggregate.
    pub events: u64,
    /// The number of events that were rewritten. The other events did not need to change.
    pub rewritten: u64,
    /// The number of events that were deleted: all events of the aggregate, or 0 if the events were rewritten.
    pub deleted: u64,
    /// The number of snapshot storages from which the snapshots of the aggregate were deleted.
    pub snapshot_storages: u64,
    /// The places that may still contain the old data.
    pub remaining: Vec<RemainingData>,
}

impl ForgetReport {
    /// Returns the report as JSON: `{eventStore, aggregateId, dryRun, events, rewritten, deleted, snapshotStorages,
    /// remaining}`.
    pub fn to_json(&self) -> Value {
        json!({
            "eventStore": self.event_store_id,
            "aggregateId": self.aggregate_id,
            "dryRun": self.dry_run,
            "events": self.events,
            "rewritten": self.rewritten,
            "deleted": self.deleted,
            "snapshotStorages": self.snapshot_storages,
            "remaining": self.remaining.iter().map(RemainingData::to_json).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for ForgetReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event_store_id, aggregate_id, dry_run, events, rewritten, deleted, snapshot_storages, .. } = self;
        let would = if *dry_run { "would be" } else { "are" };
        let (changed, how) = if *deleted > 0 { (deleted, "deleted") } else { (rewritten, "rewritten") };
        write!(
            formatter,
            "{event_store_id} {aggregate_id}: {changed} of {events} events {would} {how}, and its snapshots {would} \
             deleted from {snapshot_storages} storages\nThese places may still hold the old data:"
        )?;
        self.remaining.iter().try_for_each(|place| write!(formatter, "\n- {place}"))
    }
}
