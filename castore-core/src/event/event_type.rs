use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

use serde::{Deserializer, Serializer};

/// What can happen to the aggregates of an event store: an enum with `#[derive(Event)]`.
///
/// Each variant is an event type. On the wire, and in storage, a variant splits into the name of its type and its
/// payload; the derive writes both directions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event enum",
    label = "needs `#[derive(Event)]`",
    note = "add `#[derive(Event)]` to the enum `{Self}`"
)]
pub trait Event: Clone + Send + Sync + 'static {
    /// The names of the event types: `PokemonEventType` for an enum `PokemonEvent`.
    type EventType: EventType;

    /// Which type of event this is.
    fn event_type(&self) -> Self::EventType;

    /// Serialises as serde's externally tagged enum, whose tags are the names of the event types.
    #[doc(hidden)]
    fn serialize_tagged<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// The way back.
    #[doc(hidden)]
    fn deserialize_tagged<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// The event types of an event enum, without their payloads. `#[derive(Event)]` generates it.
pub trait EventType:
    Copy + Eq + Hash + Debug + Display + FromStr<Err = ParseEventTypeError> + Send + Sync + 'static
{
    /// All event types, in the order of the enum's variants.
    const ALL: &'static [Self];

    /// The name, as it is stored and sent.
    fn as_str(self) -> &'static str;
}

/// A text is not the name of an event type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown event type {found:?}; expected one of: {expected}")]
pub struct ParseEventTypeError {
    found: String,
    pub(super) expected: String,
}

/// What the generated `FromStr` calls.
#[doc(hidden)]
pub fn parse_event_type<T: EventType>(text: &str) -> Result<T, ParseEventTypeError> {
    T::ALL.iter().copied().find(|event_type| event_type.as_str() == text).ok_or_else(|| ParseEventTypeError {
        found: text.to_owned(),
        expected: T::ALL.iter().map(|event_type| event_type.as_str()).collect::<Vec<_>>().join(", "),
    })
}

/// Stands in for the event enum where `#[event_store]` was given none, so that this is the only error.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MissingEvent {}

impl Display for MissingEvent {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl FromStr for MissingEvent {
    type Err = ParseEventTypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_event_type(text)
    }
}

impl EventType for MissingEvent {
    const ALL: &'static [Self] = &[];

    fn as_str(self) -> &'static str {
        match self {}
    }
}

impl Event for MissingEvent {
    type EventType = Self;

    fn event_type(&self) -> Self {
        *self
    }

    fn serialize_tagged<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }

    fn deserialize_tagged<'de, D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("the event store has no event enum"))
    }
}
