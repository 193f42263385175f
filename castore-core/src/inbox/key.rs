/// The primary key of a row: a message and the consumer that has handled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxKey<'a> {
    /// The name of the consumer.
    pub consumer: &'a str,
    /// The id of the message's event store.
    pub event_store_id: &'static str,
    /// The id of the message's aggregate.
    pub aggregate_id: String,
    /// The version of the event, or 0 for a message without a version. Versions of events begin with 1.
    pub version: i64,
}
