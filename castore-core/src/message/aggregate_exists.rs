use std::fmt;

use serde::de::{Error, MapAccess};
use serde::ser::SerializeMap;

use super::AnyMessage;
use super::fields::{MessageBody, MessageField, each_field, message};
use crate::event_sourced::{EventSourced, IntoAggregateId};
use crate::text::{FromText, ToText};
use crate::time::Timestamp;

/// A message that reports the existence of an aggregate, usually with the time of the first event. The JSON is
/// `{"eventStoreId", "aggregateId", "initialEventTimestamp"}` or `{"eventStoreId", "aggregateId"}`.
///
/// Use such messages to process all aggregates of a store, for example in migrations or for replays per aggregate.
pub struct AggregateExistsMessage<S: EventSourced> {
    /// The id of the aggregate.
    pub aggregate_id: S::AggregateId,
    /// The timestamp of the aggregate's event of version 1, if the publisher knows this timestamp.
    pub initial_event_timestamp: Option<Timestamp>,
}

impl<S: EventSourced> AggregateExistsMessage<S> {
    /// Creates a message without the timestamp of the first event.
    pub fn new(aggregate_id: impl IntoAggregateId<S::AggregateId>) -> Self {
        Self { aggregate_id: aggregate_id.into_aggregate_id(), initial_event_timestamp: None }
    }
}

message!(AggregateExistsMessage, AggregateExists, state: [], "an aggregate-exists");

impl<S: EventSourced> MessageBody for AggregateExistsMessage<S> {
    fn serialize_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("aggregateId", &ToText(&self.aggregate_id))?;
        match &self.initial_event_timestamp {
            Some(timestamp) => map.serialize_entry("initialEventTimestamp", timestamp),
            None => Ok(()),
        }
    }

    fn from_fields<'de, A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error> {
        let mut aggregate_id = None;
        let mut initial_event_timestamp = None;
        each_field::<S, A>(fields, |key, fields| {
            match key {
                MessageField::AggregateId => aggregate_id = Some(fields.next_value::<FromText<S::AggregateId>>()?.0),
                MessageField::InitialEventTimestamp => initial_event_timestamp = Some(fields.next_value()?),
                other => return Ok(Some(other)),
            }
            Ok(None)
        })?;
        Ok(Self {
            aggregate_id: aggregate_id.ok_or_else(|| A::Error::missing_field("aggregateId"))?,
            initial_event_timestamp,
        })
    }
}

impl<S: EventSourced> AnyMessage for AggregateExistsMessage<S> {
    fn event_store_id(&self) -> &'static str {
        S::EVENT_STORE_ID
    }

    fn aggregate_id(&self) -> String {
        self.aggregate_id.to_string()
    }

    fn version(&self) -> Option<u64> {
        None
    }

    fn event_type(&self) -> Option<&str> {
        None
    }
}

impl<S: EventSourced> Clone for AggregateExistsMessage<S> {
    fn clone(&self) -> Self {
        Self { aggregate_id: self.aggregate_id.clone(), initial_event_timestamp: self.initial_event_timestamp }
    }
}

impl<S: EventSourced> PartialEq for AggregateExistsMessage<S> {
    fn eq(&self, other: &Self) -> bool {
        self.aggregate_id == other.aggregate_id && self.initial_event_timestamp == other.initial_event_timestamp
    }
}

impl<S: EventSourced> fmt::Debug for AggregateExistsMessage<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AggregateExistsMessage")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("initial_event_timestamp", &self.initial_event_timestamp)
            .finish()
    }
}
