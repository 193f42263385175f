/// The position where a relay starts that has never run.
///
/// There is no default, because none is safe on a storage with history. A relay that has run before continues at its
/// checkpoint and ignores this value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayStart {
    /// Publishes all stored events, from the first one on.
    Beginning,
    /// Publishes the events that are stored from now on. Events of transactions that are open now are published.
    Now,
    /// Publishes the events after this position of the log: the position of a push, or of a backup.
    After(u64),
}
