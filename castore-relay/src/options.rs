/// The position at which a new relay starts. A relay that has run before continues at its checkpoint and ignores this
/// value.
///
/// There is no default, because none is safe for a storage that already contains events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayStart {
    /// The beginning of the log: the relay publishes all stored events.
    Beginning,
    /// The current end of the log: the relay publishes the events that are committed from now on, including the events
    /// of transactions that are still open.
    Now,
    /// A position of the log, for example the position of a push or of a backup: the relay publishes the events after
    /// it.
    After(u64),
}
