/// Whether a channel is a [`Queue`] or a [`Bus`].
pub trait Topology: 'static {
    /// The word for it: `queue` or `bus`.
    const NAME: &'static str;
}

/// A message queue: each message goes to one worker.
#[derive(Debug)]
pub enum Queue {}

/// A message bus: each message goes to all listeners whose filters it passes.
#[derive(Debug)]
pub enum Bus {}

impl Topology for Queue {
    const NAME: &'static str = "queue";
}

impl Topology for Bus {
    const NAME: &'static str = "bus";
}

/// In which order a channel promises to hand out messages: [`Unordered`] or [`PerAggregate`].
pub trait MessageOrder: 'static {
    /// Whether the messages of one aggregate stay in their order.
    const PER_AGGREGATE: bool;
}

/// No promise. A message that is tried again comes after later ones.
#[derive(Debug)]
pub enum Unordered {}

/// The messages of one aggregate are handled in the order in which they were published: while one is tried again,
/// later ones of its aggregate wait. Declared with `#[channel(order = "per_aggregate")]`.
///
/// It is the order of publishing. A connected store publishes after each push, on the task that pushes: events of one
/// aggregate that are pushed one after the other are published in that order; two tasks that push versions 1 and 2 of
/// it at the same time may publish version 2 first.
#[derive(Debug)]
pub enum PerAggregate {}

/// The order of an adapter that keeps none: `impl<O: UnorderedOnly> SupportsOrder<O> for MyAdapter`, with
/// `#[diagnostic::do_not_recommend]` on it.
///
/// With `impl SupportsOrder<Unordered>` the only candidate there is, the compiler takes a channel's order for what has to be
/// `Unordered`, and speaks of types that differ; so it says that the adapter does not keep the order.
pub trait UnorderedOnly: MessageOrder {}

impl UnorderedOnly for Unordered {}

impl MessageOrder for Unordered {
    const PER_AGGREGATE: bool = false;
}

impl MessageOrder for PerAggregate {
    const PER_AGGREGATE: bool = true;
}
