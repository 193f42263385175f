//! Tests of retired event types in descriptions and in the lock.

use castore::describe::StoreDescription;
use castore::event::{Retired, UnknownEvent};
use castore::inspect::lock::{Class, LockMode, changes, check, lock_text, report};
use castore::inspect::{Inspect, Samples};
use castore::prelude::*;
use castore::testing::retired;
use serde::{Deserialize, Serialize};

use crate::lock::{before, version};

version!(renamed, "POKEMONS", {
    Appeared { name: String, level: u32, kind: Option<String> },
    #[event(from("LEVELED_UP"))]
    Trained,
});

version!(converted, "POKEMONS", {
    #[event(type = "APPEARED_V3", from("APPEARED" = AppearedV1 => AppearedV2, "APPEARED_V2" = AppearedV2))]
    Appeared { name: String, level: i64, kind: String },
    LeveledUp,
}, {
    #[derive(Deserialize, Shape)]
    pub struct AppearedV1 { pub name: String, pub level: u32, pub kind: Option<String> }
    #[derive(Deserialize)]
    pub struct AppearedV2 { pub name: String, pub level: u32, pub kind: String }
    impl From<AppearedV1> for AppearedV2 {
        fn from(AppearedV1 { name, level, kind }: AppearedV1) -> Self {
            AppearedV2 { name, level, kind: kind.unwrap_or_default() }
        }
    }
    impl From<AppearedV2> for PokemonEvent {
        fn from(AppearedV2 { name, level, kind }: AppearedV2) -> Self {
            PokemonEvent::Appeared { name, level: level.into(), kind }
        }
    }
});

version!(converted_from_another, "POKEMONS", {
    #[event(type = "APPEARED_V2", from("APPEARED" = AppearedV1))]
    Appeared { name: String },
    LeveledUp,
}, {
    #[derive(Deserialize, Shape)]
    pub struct AppearedV1 { pub name: String, pub level: String }
    impl From<AppearedV1> for PokemonEvent {
        fn from(AppearedV1 { name, .. }: AppearedV1) -> Self { PokemonEvent::Appeared { name } }
    }
});

version!(kept, "POKEMONS", { Appeared(Retired<Appeared>), LeveledUp }, {
    #[derive(Clone, Serialize, Deserialize, Shape)]
    pub struct Appeared { pub name: String, pub level: u32, pub kind: Option<String> }
});

/// A program that converts the events of a retired type into events of different types, and keeps events of undeclared
/// types.
#[allow(dead_code)]
mod split {
    use super::*;

    #[derive(Deserialize, Shape)]
    pub struct Appeared {
        pub name: String,
        pub level: u32,
        pub kind: Option<String>,
    }

    #[derive(Clone, Event)]
    #[event(rename_all = "SCREAMING_SNAKE_CASE", from("APPEARED" = Appeared))]
    pub enum PokemonEvent {
        Hatched {
            name: String,
        },
        Arrived {
            name: String,
        },
        LeveledUp,
        #[event(other)]
        Unknown(UnknownEvent),
    }

    impl From<Appeared> for PokemonEvent {
        fn from(Appeared { name, level, .. }: Appeared) -> Self {
            if level == 1 { PokemonEvent::Hatched { name } } else { PokemonEvent::Arrived { name } }
        }
    }

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "POKEMONS", event = PokemonEvent)]
    pub struct Pokemon {
        pub name: String,
    }

    impl Reducer for Pokemon {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(event.unexpected())
        }
    }

    message_channel! { pub type AppBus = NotificationMessageBus<Pokemon>; }

    wiring! {
        pub struct Program;
        stores: [Pokemon],
        channels: [AppBus],
        elsewhere: [AppBus],
    }
}

#[track_caller]
fn assert_changes(before: &str, now: &str, classes: &[Class], texts: &[&str]) {
    let changes = changes(before, now);
    let report = report("events.lock", &changes);
    assert_eq!(changes.iter().map(|change| change.class).collect::<Vec<_>>(), classes, "{report}");
    for text in texts {
        assert!(report.contains(text), "{report}\ndoes not contain {text}");
    }
}

#[test]
fn retired_types_are_described() {
    let converted = StoreDescription::of::<converted::Pokemon>();
    let from: Vec<_> =
        converted.events[0].from.iter().map(|from| (from.name, from.payload.unwrap().to_string())).collect();
    let v1 = "{kind?: String?, level: u32, name: String}".to_owned();
    assert_eq!(from, [("APPEARED", v1.clone()), ("APPEARED_V2", "AppearedV2 (opaque)".to_owned())]);
    let renamed = StoreDescription::of::<renamed::Pokemon>();
    assert!(matches!(renamed.events[1].from.as_slice(), [from] if from.name == "LEVELED_UP" && from.payload.is_none()));
    let split = StoreDescription::of::<split::Pokemon>();
    let names: Vec<_> = split.events.iter().map(|event| event.name).collect();
    assert_eq!(names, ["HATCHED", "ARRIVED", "LEVELED_UP"]);
    assert!(split.events.iter().all(|event| event.from.is_empty()));
    assert!(
        matches!(split.retired.as_slice(), [from] if from.name == "APPEARED" && from.payload.unwrap().to_string() == v1)
    );
    assert_eq!(split::Program::to_json()["stores"][0]["readFrom"][0]["type"], "APPEARED");
}

#[test]
fn retired_type_with_the_locked_payload_needs_readers_first() {
    let before = lock_text::<before::Program>();
    assert_changes(
        &before,
        &lock_text::<converted::Program>(),
        &[Class::ReadersFirst, Class::ReadersFirst],
        &["event POKEMONS/APPEARED is retired, and is converted into APPEARED_V3"],
    );
    assert_changes(
        &before,
        &lock_text::<renamed::Program>(),
        &[Class::ReadersFirst, Class::ReadersFirst],
        &["event POKEMONS/LEVELED_UP is retired, and is read as TRAINED"],
    );
    assert_changes(
        &before,
        &lock_text::<split::Program>(),
        &[Class::ReadersFirst, Class::ReadersFirst, Class::ReadersFirst],
        &["event POKEMONS/APPEARED is retired, and is converted into other event types"],
    );
}

#[test]
fn retired_type_with_another_payload_needs_an_upcaster() {
    assert_changes(
        &lock_text::<before::Program>(),
        &lock_text::<converted_from_another::Program>(),
        &[Class::NeedsUpcaster, Class::ReadersFirst],
        &[
            "was locked as {kind?: String?, level: u32, name: String}, but the program reads {level: String, name: String}",
        ],
    );
}

#[test]
fn variant_with_a_retired_payload_is_no_change() {
    assert_changes(&lock_text::<before::Program>(), &lock_text::<kept::Program>(), &[], &[]);
}

#[test]
fn removed_conversion_needs_an_upcaster() {
    let texts = ["event POKEMONS/LEVELED_UP is not read anymore", "keep `from(\"LEVELED_UP\" = …)`"];
    assert_changes(
        &lock_text::<renamed::Program>(),
        &lock_text::<crate::lock::renamed_event::Program>(),
        &[Class::NeedsUpcaster],
        &texts,
    );
    let (converted, another) = (lock_text::<converted::Program>(), lock_text::<converted_from_another::Program>());
    let changes = changes(&converted, &another);
    let fact = "event POKEMONS/APPEARED: the retired payload changes from {kind?: String?, level: u32, name: String} to \
                {level: String, name: String}";
    assert!(changes.iter().any(|change| change.class == Class::NeedsUpcaster && change.fact == fact), "{changes:?}");
}

#[test]
fn samples_of_retired_types_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.lock");
    let appeared = before::PokemonEvent::Appeared { name: "Pikachu".into(), level: 5, kind: None };
    let samples = Samples::new().of::<before::Pokemon>([appeared, before::PokemonEvent::LeveledUp]);
    check::<before::Program>(&path, &samples, LockMode::Update).unwrap();
    // The sample files of the retired types stay, and the test reads them through the conversions.
    let appeared = converted::PokemonEvent::Appeared { name: "Pikachu".into(), level: 5, kind: "mouse".into() };
    let samples = Samples::new().of::<converted::Pokemon>([appeared, converted::PokemonEvent::LeveledUp]);
    check::<converted::Program>(&path, &samples, LockMode::Update).unwrap();
    check::<converted::Program>(&path, &samples, LockMode::Check).unwrap();
    assert!(folder.path().join("events.samples/POKEMONS/APPEARED.json").exists());
    assert!(folder.path().join("events.samples/POKEMONS/APPEARED_V3.json").exists());
    let appeared = converted_from_another::PokemonEvent::Appeared { name: "Pikachu".into() };
    let samples = Samples::new()
        .of::<converted_from_another::Pokemon>([appeared, converted_from_another::PokemonEvent::LeveledUp]);
    let error = check::<converted_from_another::Program>(&path, &samples, LockMode::Update).unwrap_err().to_string();
    assert!(error.contains("event POKEMONS/APPEARED: the sample APPEARED.json cannot be read"), "{error}");
}

#[test]
fn samples_of_retired_payloads_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.lock");
    let appeared = kept::Appeared { name: "Pikachu".into(), level: 5, kind: None };
    let samples = Samples::new()
        .of::<kept::Pokemon>([kept::PokemonEvent::Appeared(retired(appeared)), kept::PokemonEvent::LeveledUp]);
    check::<kept::Program>(&path, &samples, LockMode::Update).unwrap();
    check::<kept::Program>(&path, &samples, LockMode::Check).unwrap();
}
