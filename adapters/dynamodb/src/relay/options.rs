/// The position at which a new relay starts. A relay that has run before continues at its cursors and ignores this
/// value.
///
/// There is no default, because none is safe for a table that already contains events.
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

/// The reaction of a relay if the next records have expired from the stream, or if the table has a new stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnGap {
    /// The relay stops with an error. It stops again after a restart, unless it is started with [`OnGap::Backfill`].
    #[default]
    Stop,
    /// The relay publishes all stored events again, aggregate by aggregate, and then continues with the stream.
    Backfill,
}
