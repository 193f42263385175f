use castore_core::time::Timestamp;

/// A position in the order in which the events of a store are poured: by timestamp, then by the ordinal of the
/// aggregate in the list, then by version.
///
/// The timestamp is `None` before the first page of aggregates is read, and `None` sorts before all timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MergeKey {
    pub(crate) timestamp: Option<Timestamp>,
    /// The ordinal of the aggregate in the list of aggregates.
    pub(crate) ordinal: u64,
    /// The version of the event. Version 0 stands for the step that opens the aggregate. This step comes before all
    /// events of the aggregate.
    pub(crate) version: u64,
}
