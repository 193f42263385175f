/// The position where a relay starts that has never run.
///
/// There is no default, because none is safe on a table with history. A relay that has run before continues at its
/// cursors and ignores this value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DynamoDbRelayStart {
    /// Publishes all stored events with a backfill, aggregate by aggregate, and then the events that are stored from
    /// now on. See [`DynamoDbRelay`](crate::DynamoDbRelay) for the details of a backfill.
    Beginning,
    /// Publishes the events that are stored from now on. Some events of the last two seconds may be published, too,
    /// because clocks differ.
    Now,
    /// Publishes the events that are still in the stream: those of the last 24 hours, and those that are stored from
    /// now on.
    TrimHorizon,
}

/// What a relay does when the next records have expired from the stream, or when the table has a new stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnGap {
    /// The relay stops with an error. A relay that is started again stops again, unless it uses
    /// [`OnGap::Backfill`].
    #[default]
    Stop,
    /// The relay publishes all stored events again, aggregate by aggregate.
    Backfill,
}
