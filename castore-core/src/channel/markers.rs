/// The topology of a channel: [`Queue`] or [`Bus`].
pub trait Topology: 'static {
    /// The name of the topology: `queue` or `bus`.
    const NAME: &'static str;
}

/// The topology of message queues: each message is handled by one worker.
#[derive(Debug)]
pub enum Queue {}

/// The topology of message buses: each message is handled by all listeners whose filters it passes.
#[derive(Debug)]
pub enum Bus {}

impl Topology for Queue {
    const NAME: &'static str = "queue";
}

impl Topology for Bus {
    const NAME: &'static str = "bus";
}

/// The order in which a channel delivers messages: [`Unordered`] or [`PerAggregate`].
pub trait MessageOrder: 'static {
    /// Whether the messages of one aggregate are delivered in order.
    const PER_AGGREGATE: bool;
}

/// No ordering guarantee. For example, a retried message may be handled after later messages.
#[derive(Debug)]
pub enum Unordered {}

/// A guarantee that the messages of one aggregate are handled in the order in which they were published. While a
/// message is retried, the later messages of its aggregate wait. Declare this order with
/// `#[channel(order = "per_aggregate")]`.
///
/// The guaranteed order is the order of publishing. An event store that is connected to the channel publishes after
/// each push, in the task that pushes. Thus events of one aggregate that are pushed one after the other are published
/// in that order. But if two tasks push versions 1 and 2 concurrently, version 2 may be published first.
#[derive(Debug)]
pub enum PerAggregate {}

impl MessageOrder for Unordered {
    const PER_AGGREGATE: bool = false;
}

impl MessageOrder for PerAggregate {
    const PER_AGGREGATE: bool = true;
}
