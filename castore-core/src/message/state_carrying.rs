use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeOwned, Error, MapAccess};
use serde::ser::SerializeMap;

use super::AnyMessage;
use super::fields::{MessageBody, MessageField, each_field, message};
use crate::aggregate::Aggregate;
use crate::context::EventContext;
use crate::event::EventDetail;
use crate::event_sourced::EventSourced;

/// A message that contains an event and the aggregate after it. The JSON is `{"eventStoreId", "event", "aggregate"}`.
pub struct StateCarryingMessage<S: EventSourced> {
    /// The event.
    pub event: EventDetail<S>,
    /// The aggregate at the version of the event.
    pub aggregate: Aggregate<S>,
}

/// A state that state-carrying messages can contain: any state that serde can write and read back.
#[diagnostic::on_unimplemented(
    message = "a state-carrying message channel cannot carry the state `{Self}`: serde cannot serialize and deserialize it",
    label = "not serializable",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or use a notification channel, which carries no state"
)]
pub trait CarriedState: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> CarriedState for T {}

message!(StateCarryingMessage, StateCarrying, state: [crate::message::CarriedState], "a state-carrying");

impl<S: EventSourced + CarriedState> MessageBody for StateCarryingMessage<S> {
    fn serialize_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("event", &self.event)?;
        self.serialize_state(map)
    }

    fn serialize_state<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("aggregate", &self.aggregate)
    }

    fn from_fields<'de, A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        let mut event = None;
        let mut aggregate = None;
        each_field::<S, A>(fields, |key, fields| {
            match key {
                MessageField::Event => event = Some(fields.next_value()?),
                MessageField::Aggregate => aggregate = Some(fields.next_value()?),
                other => return Ok(Some(other)),
            }
            Ok(None)
        })?;
        Ok(Self {
            event: event.ok_or_else(|| A::Error::missing_field("event"))?,
            aggregate: aggregate.ok_or_else(|| A::Error::missing_field("aggregate"))?,
        })
    }
}

impl<S: EventSourced> AnyMessage for StateCarryingMessage<S> {
    fn is_state_carrying(&self) -> bool {
        true
    }

    fn event_store_id(&self) -> &'static str {
        S::EVENT_STORE_ID
    }

    fn aggregate_id(&self) -> String {
        self.event.aggregate_id.to_string()
    }

    fn version(&self) -> Option<u64> {
        Some(self.event.version)
    }

    fn event_type(&self) -> Option<&str> {
        Some(self.event.type_name())
    }

    fn event_context(&self) -> EventContext {
        self.event.context.clone()
    }
}

impl<S: EventSourced> Clone for StateCarryingMessage<S> {
    fn clone(&self) -> Self {
        Self { event: self.event.clone(), aggregate: self.aggregate.clone() }
    }
}

impl<S: EventSourced + PartialEq> PartialEq for StateCarryingMessage<S>
where
    EventDetail<S>: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.event == other.event && self.aggregate == other.aggregate
    }
}

impl<S: EventSourced> fmt::Debug for StateCarryingMessage<S> {
    /// Omits the payload and the state, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StateCarryingMessage")
            .field("event", &self.event)
            .field("aggregate_version", &self.aggregate.version)
            .finish_non_exhaustive()
    }
}
