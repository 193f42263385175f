//! The entries of a wiring as constants, which the compiler checks.

use crate::aggregate::Fold;
use crate::channel::{ChannelSource, MessageChannel, MessageOrder, Topology};
use crate::const_text::hash;
use crate::describe::{
    ChannelDescription, ConsumerDescription, ReadModelDescription, RelayDescription, StoreDescription,
};
use crate::event::decode;
use crate::event_sourced::EventSourced;
use crate::event_store::EventStoreError;
use crate::log::{Logged, ReadModel};
use crate::message::MessageKind;
use crate::storage::RawEvent;

/// An event store of a wiring.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct StoreEntry {
    pub(super) id: &'static str,
    pub(super) type_name: &'static str,
    /// The hash of the id. The checks run in the compiler, and compare hashes first to stay fast.
    pub(super) hash: u64,
    describe: fn() -> StoreDescription,
    check_events: fn(&[RawEvent]) -> Result<(), EventStoreError>,
}

/// A message channel of a wiring.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct ChannelEntry {
    pub(super) id: &'static str,
    pub(super) type_name: &'static str,
    pub(super) hash: u64,
    kind: &'static str,
    topology: &'static str,
    pub(super) is_queue: bool,
    pub(super) ordered: bool,
    pub(super) sources: &'static [ChannelSource],
}

/// A consumer of a wiring.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct ConsumerEntry {
    pub(super) name: &'static str,
    pub(super) channel: ChannelEntry,
    pub(super) in_order: bool,
}

/// A read model of a wiring.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct ReadModelEntry {
    pub(super) name: &'static str,
    version: u32,
    pub(super) type_name: &'static str,
    pub(super) sources: &'static [ChannelSource],
}

/// A relay of a wiring.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct RelayEntry {
    pub(super) name: &'static str,
    pub(super) channel: ChannelEntry,
}

/// An event store in the list `stores` of a wiring. The trait has its own error text, because a type in this list is more
/// likely an item of another list than a type without its attribute.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store",
    label = "not an event store",
    note = "`stores` lists the types with `#[event_store]`; a message channel belongs in `channels`, and a read model in `read_models`"
)]
pub trait WiredEventStore: EventSourced {}

#[diagnostic::do_not_recommend]
impl<S: EventSourced> WiredEventStore for S {}

impl StoreEntry {
    pub const fn of<S: WiredEventStore>(type_name: &'static str) -> Self {
        let id = S::EVENT_STORE_ID;
        Self { id, type_name, hash: hash(id), describe: StoreDescription::of::<S>, check_events: check_events::<S> }
    }

    pub(super) fn describe(&self) -> StoreDescription {
        (self.describe)()
    }

    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Decodes the events of an aggregate, and calls the reducer with them. `events` must begin with the first event of
    /// the aggregate.
    ///
    /// # Errors
    /// [`EventStoreError::Decode`] if an event cannot be decoded; [`EventStoreError::Reduce`] if the reducer rejects an
    /// event.
    pub fn check_events(&self, events: &[RawEvent]) -> Result<(), EventStoreError> {
        (self.check_events)(events)
    }
}

fn check_events<S: EventSourced>(events: &[RawEvent]) -> Result<(), EventStoreError> {
    let mut fold = Fold::<S>::default();
    for event in events {
        let event = decode::<S>(event.as_ref()).map_err(|error| EventStoreError::Decode(Box::new(error)))?;
        fold.add(&event).map_err(|error| EventStoreError::Reduce(Box::new(error)))?;
    }
    Ok(())
}

impl ChannelEntry {
    pub const fn of<C: MessageChannel>(type_name: &'static str) -> Self {
        Self {
            id: C::ID,
            type_name,
            hash: hash(C::ID),
            kind: <C::Kind as MessageKind>::NAME,
            topology: <C::Topology as Topology>::NAME,
            is_queue: matches!(<C::Topology as Topology>::NAME.as_bytes(), b"queue"),
            ordered: <C::Order as MessageOrder>::PER_AGGREGATE,
            sources: C::SOURCES,
        }
    }

    pub(super) fn describe(&self) -> ChannelDescription {
        ChannelDescription {
            id: self.id,
            type_name: self.type_name,
            kind: self.kind,
            topology: self.topology,
            ordered: self.ordered,
            sources: self.sources.iter().map(ChannelSource::event_store_id).collect(),
        }
    }
}

impl ConsumerEntry {
    pub const fn new(name: &'static str, channel: ChannelEntry, in_order: bool) -> Self {
        Self { name, channel, in_order }
    }

    pub(super) fn describe(&self) -> ConsumerDescription {
        ConsumerDescription { name: self.name, channel: self.channel.id, in_order: self.in_order }
    }
}

impl ReadModelEntry {
    pub const fn of<R: ReadModel>(type_name: &'static str) -> Self {
        Self { name: R::NAME, version: R::VERSION, type_name, sources: <R::Event as Logged>::SOURCES }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn describe(&self) -> ReadModelDescription {
        let sources = self.sources.iter().map(ChannelSource::event_store_id).collect();
        ReadModelDescription { name: self.name, version: self.version, sources }
    }
}

impl RelayEntry {
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn channel_id(&self) -> &'static str {
        self.channel.id
    }

    pub const fn new(name: &'static str, channel: ChannelEntry) -> Self {
        Self { name, channel }
    }

    pub(super) fn describe(&self) -> RelayDescription {
        RelayDescription { name: self.name, channel: self.channel.id }
    }
}
