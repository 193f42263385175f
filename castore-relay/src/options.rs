/// The position at which a new relay starts. A relay that has run before continues at its checkpoint and ignores this
/// value.
///
/// There is no default, because none is safe for a storage that already contains events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayStart {
    /// Publishes all stored events, from the first one on.
    Beginning,
    /// Publishes the events that are stored from now on, including those of transactions that are still open.
    Now,
    /// Publishes the events after this position of the log, for example the position of a push or of a backup.
    After(u64),
}
