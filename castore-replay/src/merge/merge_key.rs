use castore_core::time::Timestamp;

/// A place in the order of a store: by timestamp, then by the aggregate's place in the list, then by version.
///
/// No timestamp is before all: nothing is known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MergeKey {
    pub(crate) timestamp: Option<Timestamp>,
    /// The how manieth aggregate of the list.
    pub(crate) ordinal: u64,
    /// 0 stands for the opening of the aggregate, before all its events.
    pub(crate) version: u64,
}
