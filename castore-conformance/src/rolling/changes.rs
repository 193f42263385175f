//! Changes of a program that are deployed while the program runs. A pod is one running instance of the program.

use std::time::Duration;

use castore::{Event, event_store};
use castore_core::consumer::{Filter, Listeners};
use castore_core::event::{EventDetail, NewEvent, Retired};
use castore_core::event_sourced::{ReduceError, Reducer};
use castore_relay::{Relay, RelayStart};
use castore_runtime::event_store::Store;
use castore_runtime::snapshot::Snapshots;
use castore_testing::rolling::{Journal, JournaledEvent, PodJournal, Rolling};
use serde::{Deserialize, Serialize};

use super::factory::{RollingBroker, RollingFactory, World};
use super::pod::{EVENTS, LEASE, POLL_INTERVAL, PUBLISH_TIMEOUT, Running, event_store, version};
use super::verify::{count_events, last_versions};

/// The number of events that each pod pushes before the next pod is replaced: the events of two aggregates.
const PUSHES: usize = 2 * EVENTS as usize;

/// Replaces two pods of the version `$old` with pods of the version `$new`, one after the other and while all pods push
/// events. If several new versions are given, they are deployed one after the other. Then waits until each event is
/// handled, and checks that each new version can read all events. Returns the journal.
macro_rules! roll {
    ($world:ident, $old:ident => $($new:ident)=>+) => {{
        let mut rolling = Rolling::new($world.clone()).patience($world.patience);
        rolling.start("old-1", $old::Pod::start).await;
        leads(rolling.journal(), $world.patience).await;
        rolling.start("old-2", $old::Pod::start).await;
        rolling.pushes(PUSHES).await;
        let mut before = "old";
        $(
            // The relay of the first pod holds the lease until that pod is stopped, so this relay also publishes events
            // of the new version.
            for pod in [2, 1] {
                let (old, new) = (format!("{before}-{pod}"), format!("{}-{pod}", stringify!($new)));
                rolling.replace(&old, &new, $new::Pod::start).await;
                rolling.pushes(PUSHES).await;
            }
            before = stringify!($new);
        )+
        assert_ne!(before, "old");
        let journal = rolling.finish().await;
        $($new::verify(&$world, &journal).await;)+
        journal
    }};
}

/// Waits until an event is handled. Then the relay of the only pod holds the lease, because relays publish the events.
async fn leads(journal: &Journal, patience: Duration) {
    let is_handled = journal.until(|journal| journal.unhandled().len() < journal.pushed().len());
    tokio::time::timeout(patience, is_handled).await.expect("the first pod handles an event");
}

/// Asserts that only pods of the new version have handled the events that only the new version can decode.
fn assert_handled_by_new(journal: &Journal, is_of_new_type: impl Fn(&JournaledEvent) -> bool) {
    let events = ["new-1", "new-2"].into_iter().flat_map(|pod| journal.pushed_by(pod));
    for event in events.filter(is_of_new_type) {
        let pods = journal.handled_by(&event);
        assert!(!pods.is_empty() && pods.iter().all(|pod| pod.starts_with("new")), "{event:?}: {pods:?}");
    }
}

mod a_type_is_added {
    use super::*;

    version! {
        mod old, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }
    version! {
        mod new, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            2 => PokemonEvent::Evolved { into: "Raichu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
            Evolved { into: String },
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }

    /// Tests a deployment whose new version pushes events of a type that the old version does not know. The workers of
    /// both versions listen to all events of the store, so the messages that an old worker cannot decode are retried
    /// until a new worker handles them.
    pub async fn a_type_is_added<F: RollingFactory>(factory: &F) {
        let world = factory.fresh().await;
        let journal = roll!(world, old => new);
        assert_handled_by_new(&journal, |event| event.version == 2);
    }
}

pub use a_type_is_added::a_type_is_added;

mod a_field_is_renamed {
    use super::*;

    version! {
        mod old, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }
    version! {
        mod new, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { nickname: "Pikachu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared {
                #[serde(alias = "name")]
                nickname: String,
            },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }

    /// Tests a deployment whose new version reads a field under its old and its new name, and writes the field under
    /// the new name.
    pub async fn a_field_is_renamed<F: RollingFactory>(factory: &F) {
        let world = factory.fresh().await;
        let journal = roll!(world, old => new);
        assert_handled_by_new(&journal, |event| event.version == 1);
    }
}

pub use a_field_is_renamed::a_field_is_renamed;

mod a_state_field_is_added {
    use super::*;

    version! {
        mod old, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }
    version! {
        mod new, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
            #[serde(default)]
            pub name: String,
        }

        impl Reducer for Pokemon {
            fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                let name = match &event.payload {
                    PokemonEvent::Appeared { name } => name.clone(),
                    PokemonEvent::LeveledUp => pokemon.map_or_else(String::new, |pokemon| pokemon.name),
                };
                Ok(Self { events: event.version, name })
            }
        }

    }

    /// Tests a deployment whose new version adds a field to the state and computes the field from the events. The new
    /// version must not use a snapshot of the old version, although it could read the snapshot's JSON. Both versions
    /// take a snapshot at each load.
    pub async fn a_state_field_is_added<F: RollingFactory>(factory: &F) {
        let world = factory.fresh().await;
        let journal = roll!(world, old => new);
        // The old version must still read everything, as after a rollback of the deployment.
        old::verify(&world, &journal).await;
        new::verify(&world, &journal).await;
    }
}

pub use a_state_field_is_added::a_state_field_is_added;

mod a_type_is_retired {
    use super::*;

    version! {
        mod old, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            2 => PokemonEvent::LeveledUp,
            _ => PokemonEvent::Dropped(Dropped { at: "a lake".to_owned() }),
        };
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Dropped {
            pub at: String,
        }

        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
            Dropped(Dropped),
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }
    version! {
        mod new, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Dropped {
            pub at: String,
        }

        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
            Dropped(Retired<Dropped>),
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }

    /// Tests a deployment whose new version still reads the events of a type, but no longer pushes them.
    pub async fn a_type_is_retired<F: RollingFactory>(factory: &F) {
        let world = factory.fresh().await;
        roll!(world, old => new);
    }
}

pub use a_type_is_retired::a_type_is_retired;

mod a_type_is_split {
    use super::*;

    version! {
        mod old, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            2 => PokemonEvent::CaughtOrStolen { trainer_id: Some("Ash".to_owned()) },
            _ => PokemonEvent::CaughtOrStolen { trainer_id: None },
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            CaughtOrStolen { trainer_id: Option<String> },
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }
    version! {
        mod new, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            2 => PokemonEvent::Caught { trainer_id: "Ash".to_owned() },
            _ => PokemonEvent::Stolen,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE", from("CAUGHT_OR_STOLEN" = CaughtOrStolen))]
        pub enum PokemonEvent {
            Appeared { name: String },
            Caught { trainer_id: String },
            Stolen,
        }

        #[derive(Deserialize)]
        pub struct CaughtOrStolen {
            trainer_id: Option<String>,
        }

        impl From<CaughtOrStolen> for PokemonEvent {
            fn from(old: CaughtOrStolen) -> Self {
                match old.trainer_id {
                    Some(trainer_id) => Self::Caught { trainer_id },
                    None => Self::Stolen,
                }
            }
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }

    /// Tests a deployment whose new version reads the events of one old type as events of two new types, and pushes
    /// events of the new types.
    pub async fn a_type_is_split<F: RollingFactory>(factory: &F) {
        let world = factory.fresh().await;
        let journal = roll!(world, old => new);
        assert_handled_by_new(&journal, |event| event.version > 1);
    }
}

pub use a_type_is_split::a_type_is_split;

mod a_rust_type_is_renamed {
    use super::*;

    version! {
        mod old, Pokemon, Filter::store::<Pokemon>(), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }
    version! {
        mod new, Creature, Filter::store::<Creature>(), |number| match number {
            1 => CreatureEvent::Emerged { name: "Pikachu".to_owned() },
            _ => CreatureEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum CreatureEvent {
            #[event(type = "APPEARED")]
            Emerged { name: String },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = CreatureEvent)]
        pub struct Creature {
            pub events: u64,
        }

        impl Reducer for Creature {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }

    /// Tests a deployment whose new version changes only names in Rust: the names of the store type, of the event enum,
    /// and of a variant.
    pub async fn a_rust_type_is_renamed<F: RollingFactory>(factory: &F) {
        let world = factory.fresh().await;
        let journal = roll!(world, old => new);
        // The old version can also read what the new version has pushed.
        old::verify(&world, &journal).await;
    }
}

pub use a_rust_type_is_renamed::a_rust_type_is_renamed;

mod a_filter_is_widened {
    use super::*;

    version! {
        mod old, Pokemon, Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared), |number| PokemonEvent::Appeared { name: format!("Pikachu {number}") };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }
    version! {
        mod wider, Pokemon, Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared)
            .event_type(PokemonEventType::LeveledUp), |number| PokemonEvent::Appeared { name: format!("Pikachu {number}") };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }
    version! {
        mod new, Pokemon, Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared)
            .event_type(PokemonEventType::LeveledUp), |number| match number {
            1 => PokemonEvent::Appeared { name: "Pikachu".to_owned() },
            _ => PokemonEvent::LeveledUp,
        };
        #[derive(Debug, Clone, PartialEq, Event)]
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String },
            LeveledUp,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon {
            pub events: u64,
        }

        impl Reducer for Pokemon {
            fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                Ok(Self { events: event.version })
            }
        }

    }

    /// Tests a deployment in two steps, for workers that select event types. An old worker acknowledges messages whose
    /// event type only a new worker selects. Therefore, a version that selects the new type but does not push it is
    /// deployed before the version that pushes it.
    pub async fn a_filter_is_widened<F: RollingFactory>(factory: &F) {
        let world = factory.fresh().await;
        roll!(world, old => wider => new);
    }
}

pub use a_filter_is_widened::a_filter_is_widened;
