//! An event store in its fourth version, and events that were stored by all versions and by a newer program.

use std::num::TryFromIntError;

use castore::event::{Retired, UnknownEvent};
use castore::prelude::*;
use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE", from("CAUGHT_OR_STOLEN" = CaughtOrStolen))]
pub enum PokemonEvent {
    /// A variant with retired types, one of which is converted in two steps.
    #[event(type = "APPEARED_V3", from("APPEARED" = AppearedV1 => AppearedV2, "APPEARED_V2" = AppearedV2))]
    Appeared {
        name: String,
        level: u32,
        wild: bool,
    },
    /// A variant with a retired name, whose payload has not changed.
    #[event(type = "CAUGHT_BY_TRAINER", from("CAUGHT"))]
    Caught(Caught),
    /// A variant with a retired type, whose conversion to the current payload may fail.
    #[event(from("TRAINED" = Trained))]
    Leveled(Leveled),
    /// A variant without a payload, with a retired type that has one.
    #[event(from("TAKEN" = Taken))]
    Stolen,
    Dropped(Retired<Dropped>),
    #[event(other)]
    Unknown(UnknownEvent),
}

#[derive(Deserialize)]
pub struct AppearedV1 {
    nick: String,
}

#[derive(Deserialize)]
pub struct AppearedV2 {
    name: String,
    level: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Caught {
    pub trainer_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leveled {
    pub by: u32,
}

#[derive(Deserialize)]
pub struct Trained {
    times: i64,
}

/// A retired payload whose conversion is wrong: it may return another variant than the one that declares `from(…)`.
#[derive(Deserialize)]
pub struct Taken {
    back: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaughtOrStolen {
    trainer_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    pub at: String,
}

impl From<AppearedV1> for AppearedV2 {
    fn from(old: AppearedV1) -> Self {
        Self { name: old.nick, level: 1 }
    }
}

impl From<AppearedV2> for PokemonEvent {
    fn from(old: AppearedV2) -> Self {
        Self::Appeared { name: old.name, level: old.level, wild: true }
    }
}

impl TryFrom<Trained> for Leveled {
    type Error = TryFromIntError;

    fn try_from(old: Trained) -> Result<Self, TryFromIntError> {
        Ok(Self { by: old.times.try_into()? })
    }
}

impl From<Taken> for PokemonEvent {
    fn from(old: Taken) -> Self {
        if old.back { Self::Leveled(Leveled { by: 0 }) } else { Self::Stolen }
    }
}

impl From<CaughtOrStolen> for PokemonEvent {
    fn from(old: CaughtOrStolen) -> Self {
        old.trainer_id.map_or(Self::Stolen, |trainer_id| Self::Caught(Caught { trainer_id }))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent)]
pub struct Pokemon {
    pub name: String,
    pub level: u32,
    pub unknown: Vec<String>,
}

impl Reducer for Pokemon {
    fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (pokemon, &event.payload) {
            (None, PokemonEvent::Appeared { name, level, .. }) => {
                Ok(Self { name: name.clone(), level: *level, unknown: Vec::new() })
            }
            (Some(pokemon), PokemonEvent::Leveled(leveled)) => {
                Ok(Self { level: pokemon.level + leveled.by, ..pokemon })
            }
            (Some(mut pokemon), PokemonEvent::Unknown(unknown)) => {
                pokemon.unknown.push(unknown.event_type().to_owned());
                Ok(pokemon)
            }
            (Some(pokemon), _) => Ok(pokemon),
            (None, _) => Err(event.unexpected()),
        }
    }
}

message_channel! {
    pub type AppBus = NotificationMessageBus<Pokemon>;
    pub type Backup = StateCarryingMessageQueue<Pokemon>;
}

/// The payload of an event of a newer program, in a form that no serializer of this program writes.
pub const EVOLVED: &str = r#"{"into": "Raichu",  "big":123456789012345678901234567890, "f":1.10}"#;

pub fn raw(version: u64, event_type: &'static str, payload: Option<&str>) -> RawEvent {
    RawEvent {
        aggregate_id: "p".to_owned(),
        version,
        event_type: event_type.into(),
        timestamp: Timestamp::UNIX_EPOCH,
        payload: payload.map(|text| RawValue::from_string(text.to_owned()).unwrap()),
        metadata: None,
    }
}

pub async fn storage(events: impl IntoIterator<Item = RawEvent>) -> InMemoryEventStorageAdapter {
    let storage = InMemoryEventStorageAdapter::new();
    for event in events {
        storage.push_event("POKEMONS", event, PushOptions::default()).await.unwrap();
    }
    storage
}

pub fn stored() -> Vec<RawEvent> {
    vec![
        raw(1, "APPEARED", Some(r#"{"nick":"Pikachu"}"#)),
        raw(2, "CAUGHT", Some(r#"{"trainerId":"ash"}"#)),
        raw(3, "TRAINED", Some(r#"{"times":3}"#)),
        raw(4, "CAUGHT_OR_STOLEN", Some("{}")),
        raw(5, "CAUGHT_OR_STOLEN", Some(r#"{"trainerId":"gary"}"#)),
        raw(6, "TAKEN", Some(r#"{"back":false}"#)),
        raw(7, "DROPPED", Some(r#"{"at":"the river"}"#)),
        raw(8, "EVOLVED", Some(EVOLVED)),
        raw(9, "FED", None),
        raw(10, "LEVELED", Some(r#"{"by":2}"#)),
    ]
}
