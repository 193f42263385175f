use super::{Content, TypeRef};
use crate::event::Event;
use crate::event_sourced::EventSourced;

/// The description of a program as data: everything that `wiring!` lists.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProgramDescription {
    /// The name of the wiring.
    pub name: &'static str,
    /// The event stores.
    pub stores: Vec<StoreDescription>,
    /// The message channels.
    pub channels: Vec<ChannelDescription>,
    /// The consumers.
    pub consumers: Vec<ConsumerDescription>,
    /// The ids of the commands.
    pub commands: Vec<&'static str>,
    /// The read models.
    pub read_models: Vec<ReadModelDescription>,
    /// The relays.
    pub relays: Vec<RelayDescription>,
}

/// The description of an event store.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoreDescription {
    /// The id.
    pub id: &'static str,
    /// The name of the state type.
    pub type_name: &'static str,
    /// The version of the reducer.
    pub reducer_version: u32,
    /// The event types, in the order of the enum's variants.
    pub events: Vec<EventDescription>,
    /// The retired event types whose events may be converted to events of any type of the store.
    pub retired: Vec<RetiredDescription>,
    /// The type of the aggregate ids.
    pub aggregate_id: TypeRef,
    /// The type of the metadata, if events have any.
    pub metadata: Option<TypeRef>,
    /// The state, without the id and the version of the aggregate.
    pub state: Content,
}

/// The description of an event type.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EventDescription {
    /// The name in storage and in messages.
    pub name: &'static str,
    /// The name of the variant in the event enum.
    pub variant: &'static str,
    /// The payload.
    pub payload: Content,
    /// The retired event types that are read as this event type.
    pub from: Vec<RetiredDescription>,
}

/// The description of a retired event type, which is only read and never pushed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RetiredDescription {
    /// The name in storage.
    pub name: &'static str,
    /// The payload. `None` if only the name is retired. In this case, the payload has the type of the current event
    /// type.
    pub payload: Option<TypeRef>,
}

/// The description of a message channel.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChannelDescription {
    /// The id.
    pub id: &'static str,
    /// The name of the channel type.
    pub type_name: &'static str,
    /// The kind of the messages: `aggregate-exists`, `notification` or `state-carrying`.
    pub kind: &'static str,
    /// The topology: `queue` or `bus`.
    pub topology: &'static str,
    /// Whether the messages of an aggregate are delivered in order.
    pub ordered: bool,
    /// The ids of the event stores whose messages the channel carries.
    pub sources: Vec<&'static str>,
}

/// The description of a consumer of a message channel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerDescription {
    /// The name.
    pub name: &'static str,
    /// The id of the message channel.
    pub channel: &'static str,
    /// Whether the consumer requires the messages of an aggregate in order.
    pub in_order: bool,
}

/// The description of a read model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadModelDescription {
    /// The name.
    pub name: &'static str,
    /// The version.
    pub version: u32,
    /// The ids of the event stores whose events the read model reads.
    pub sources: Vec<&'static str>,
}

/// The description of a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayDescription {
    /// The name.
    pub name: &'static str,
    /// The id of the message channel on which the relay publishes.
    pub channel: &'static str,
}

impl StoreDescription {
    /// Returns the description of an event store.
    pub fn of<S: EventSourced>() -> Self {
        let described = S::DESCRIPTION;
        let (aggregate_id, metadata) = described.id_and_metadata();
        Self {
            id: S::EVENT_STORE_ID,
            type_name: described.name(),
            reducer_version: S::REDUCER_VERSION,
            events: <S::Event as Event>::DESCRIPTION.events(),
            retired: <S::Event as Event>::DESCRIPTION.retired(),
            aggregate_id: aggregate_id.unwrap_or(TypeRef::plain("String")),
            metadata,
            state: match described.shape_of::<S>() {
                Some(super::JsonShape::Struct(_, fields)) => Content::Fields(fields),
                Some(_) => Content::Value(TypeRef::probed(described.name(), Some(state_shape_of::<S>))),
                None => Content::None,
            },
        }
    }
}

fn state_shape_of<S: EventSourced>() -> super::JsonShape {
    S::DESCRIPTION.shape::<S>()
}
