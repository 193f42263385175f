//! Tests of the lock: programs before and after a change, and the reported changes.

use castore::inspect::Samples;
use castore::inspect::lock::{Class, LockError, LockMode, changes, check, lock_text, report};
use castore::prelude::*;
use serde::{Deserialize, Serialize};

use crate::game::Game;

/// Defines a program with one event store, in a module.
macro_rules! version {
    ($name:ident, $store:literal, { $($variants:tt)* }) => { version!($name, $store, { $($variants)* }, {}); };
    ($name:ident, $store:literal, { $($variants:tt)* }, { $($more:item)* }) => {
        #[allow(dead_code)]
        pub mod $name {
            use super::*;

            $($more)*

            #[derive(Clone, Event)]
            #[event(rename_all = "SCREAMING_SNAKE_CASE")]
            pub enum PokemonEvent { $($variants)* }

            #[derive(Clone, Serialize, Deserialize)]
            #[event_store(id = $store, event = PokemonEvent)]
            pub struct Pokemon { pub name: String }

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
    };
}
pub(crate) use version;

version!(before, "POKEMONS", { Appeared { name: String, level: u32, kind: Option<String> }, LeveledUp });
version!(required_field, "POKEMONS", { Appeared { name: String, level: u32, kind: Option<String>, wild: bool }, LeveledUp });
version!(optional_field, "POKEMONS", { Appeared { name: String, level: u32, kind: Option<String>, #[serde(default)] wild: bool }, LeveledUp });
version!(removed_field, "POKEMONS", { Appeared { name: String, kind: Option<String> }, LeveledUp });
version!(renamed_field, "POKEMONS", { Appeared { nick: String, level: u32, kind: Option<String> }, LeveledUp });
version!(aliased_field, "POKEMONS", { Appeared { #[serde(alias = "name")] nick: String, level: u32, kind: Option<String> }, LeveledUp });
version!(retyped_field, "POKEMONS", { Appeared { name: String, level: String, kind: Option<String> }, LeveledUp });
version!(widened_field, "POKEMONS", { Appeared { name: String, level: u64, kind: Option<String> }, LeveledUp });
version!(renamed_store, "CREATURES", { Appeared { name: String, level: u32, kind: Option<String> }, LeveledUp });
version!(renamed_event, "POKEMONS", { Appeared { name: String, level: u32, kind: Option<String> }, Trained });
version!(struct_payload, "POKEMONS", { Appeared(Appeared), LeveledUp }, {
    #[derive(Clone, Serialize, Deserialize, Shape)]
    pub struct Appeared { pub name: String, pub level: u32, pub kind: Option<String> }
});

version!(retired_payload, "POKEMONS", { Appeared(castore::event::Retired<Appeared>), LeveledUp }, {
    #[derive(Clone, Serialize, Deserialize, Shape)]
    pub struct Appeared { pub name: String, pub level: u32, pub kind: Option<String> }
});

/// Returns the classes of the changes, and the report.
fn compare<W: Wiring>() -> (Vec<Class>, String) {
    let changes = changes(&lock_text::<before::Program>(), &lock_text::<W>());
    (changes.iter().map(|change| change.class).collect(), report("events.lock", &changes))
}

/// Asserts the classes of the changes, and that the report contains all texts.
fn assert_changes<W: Wiring>(classes: &[Class], texts: &[&str]) {
    let (found, report) = compare::<W>();
    assert_eq!(found, classes, "{report}");
    for text in texts {
        assert!(report.contains(text), "{report}\ndoes not contain {text}");
    }
}

#[test]
fn program_without_changes_has_none() {
    assert_changes::<before::Program>(&[], &[]);
    assert_changes::<struct_payload::Program>(&[], &[]);
    assert_changes::<retired_payload::Program>(&[], &[]);
}

#[test]
fn required_field_needs_an_upcaster() {
    assert_changes::<required_field::Program>(
        &[Class::NeedsUpcaster],
        &[
            "needs an upcaster:\n  event POKEMONS/APPEARED: field `wild` is new and required\n",
            "add `#[serde(default)]`",
            "CASTORE_LOCK=force",
        ],
    );
    assert_changes::<retyped_field::Program>(
        &[Class::NeedsUpcaster],
        &["field `level` changes its type from u32 to String"],
    );
    assert_changes::<renamed_field::Program>(
        &[Class::NeedsUpcaster, Class::ReadersFirst],
        &["if it is the field `name` under a new name, add `#[serde(alias = \"name\")]`", "field `name` is removed"],
    );
}

#[test]
fn compatible_changes_are_accepted_by_an_update() {
    assert_changes::<optional_field::Program>(
        &[Class::Compatible],
        &["compatible:\n  event POKEMONS/APPEARED: field `wild` is new and optional", "CASTORE_LOCK=update"],
    );
    assert_changes::<removed_field::Program>(
        &[Class::ReadersFirst],
        &["field `level` is removed", "older readers require it"],
    );
    assert_changes::<widened_field::Program>(&[Class::ReadersFirst], &["from u32 to u64"]);
    assert_changes::<aliased_field::Program>(
        &[Class::ReadersFirst],
        &["is now called `nick`, and is read under both names"],
    );
}

#[test]
fn renamed_store_is_breaking() {
    assert_changes::<renamed_store::Program>(
        &[Class::Breaking, Class::ReadersFirst, Class::Compatible],
        &["stored under the id POKEMONS, but the program looks for CREATURES; keep `id = \"POKEMONS\"`"],
    );
}

#[test]
fn parts_of_metadata_and_ids_are_compared() {
    let classes = |before: &str, now: &str| {
        let store = |parts: &str| format!("store POKEMONS aggregate-id = u32\n{parts}\n");
        changes(&store(before), &store(now)).iter().map(|change| change.class).collect::<Vec<_>>()
    };
    let before = "store POKEMONS metadata = {user: String}";
    assert_eq!(classes(before, before), []);
    assert_eq!(classes(before, "store POKEMONS metadata = {ip?: String?, user: String}"), [Class::Compatible]);
    assert_eq!(classes(before, "store POKEMONS metadata = {user: u32}"), [Class::Breaking]);
    assert_eq!(classes("", before), [Class::Compatible]);
    assert_eq!(classes(before, ""), [Class::ReadersFirst]);
    assert_eq!(classes(before, &format!("{before}\nstore POKEMONS aggregate-id = String")), [Class::Breaking]);
}

#[test]
fn removed_event_needs_an_upcaster() {
    assert_changes::<renamed_event::Program>(
        &[Class::NeedsUpcaster, Class::ReadersFirst],
        &["event POKEMONS/LEVELED_UP is removed", "`from(\"LEVELED_UP\" = …)`"],
    );
}

#[test]
fn lock_is_created_compared_and_updated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.lock");
    let none = Samples::none();
    let missing = check::<before::Program>(&path, &none, LockMode::Check).unwrap_err();
    assert!(matches!(missing, LockError::Missing { .. }), "{missing}");
    check::<before::Program>(&path, &none, LockMode::Update).unwrap();
    check::<before::Program>(&path, &none, LockMode::Check).unwrap();
    let changed = check::<optional_field::Program>(&path, &none, LockMode::Check).unwrap_err();
    assert!(matches!(changed, LockError::Changed { .. }), "{changed}");
    check::<optional_field::Program>(&path, &none, LockMode::Update).unwrap();
    check::<optional_field::Program>(&path, &none, LockMode::Check).unwrap();
    check::<required_field::Program>(&path, &none, LockMode::Update).unwrap_err();
    check::<required_field::Program>(&path, &none, LockMode::Force).unwrap();
    check::<required_field::Program>(&path, &none, LockMode::Check).unwrap();
}

#[test]
fn report_names_types_whose_content_is_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.lock");
    std::fs::write(&path, "store POKEMONS aggregate-id = u32\n").unwrap();
    let report = check::<Game>(&path, &Samples::none(), LockMode::Check).unwrap_err().to_string();
    assert!(report.contains("add `#[derive(Shape)]`") && report.contains(".place = Foreign (opaque)"), "{report}");
}

#[test]
fn game_is_locked() {
    castore::locked!(Game, "tests/inspect/golden/events.lock");
}
