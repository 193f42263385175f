//! Tests that a snapshot that was computed from an event of an undeclared type is ignored after the enum declares the
//! type.

use castore::event::UnknownEvent;
use castore::prelude::*;
use castore::snapshot::{SnapshotKey, Snapshots};

use super::domain::{raw, storage};

/// Declares a module with one version of the event store, whose state counts the events of undeclared types.
macro_rules! version {
    ($name:ident { $($variants:tt)* }) => {
        mod $name {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Event)]
            #[event(rename_all = "SCREAMING_SNAKE_CASE")]
            pub enum PokemonEvent { $($variants)* }

            #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
            #[event_store(id = "POKEMONS", event = PokemonEvent)]
            pub struct Pokemon {
                pub unknown: u32,
            }

            impl Reducer for Pokemon {
                fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                    let is_unknown = PokemonEventType::OTHER == Some(event.event_type());
                    Ok(Self { unknown: pokemon.map_or(0, |pokemon| pokemon.unknown) + u32::from(is_unknown) })
                }
            }
        }
    };
}

version!(first { Appeared, #[event(other)] Unknown(UnknownEvent) });
version!(second { Appeared, Evolved, #[event(other)] Unknown(UnknownEvent) });
version!(reordered { Evolved, Appeared, #[event(other)] Rest(UnknownEvent) });
version!(retired { #[event(from("EVOLVED"))] Appeared, #[event(other)] Unknown(UnknownEvent) });
version!(strict { Appeared });
version!(extended { Appeared, Evolved });

fn shape<S: EventSourced>() -> u64 {
    SnapshotKey::of::<S>("p").state_shape
}

#[test]
fn event_types_are_part_of_the_shape_if_the_enum_has_other() {
    assert_ne!(shape::<first::Pokemon>(), shape::<second::Pokemon>());
    assert_eq!(shape::<second::Pokemon>(), shape::<reordered::Pokemon>());
    assert_eq!(shape::<second::Pokemon>(), shape::<retired::Pokemon>());
    assert_ne!(shape::<first::Pokemon>(), first::Pokemon::STATE_SHAPE);
    // Without `other`, an undeclared type is an error, and no state was computed from its events.
    assert_eq!(shape::<strict::Pokemon>(), strict::Pokemon::STATE_SHAPE);
    assert_eq!(shape::<extended::Pokemon>(), strict::Pokemon::STATE_SHAPE);
}

#[tokio::test]
async fn snapshot_is_ignored_after_a_type_is_declared() {
    async fn load<S>(storage: &InMemoryEventStorageAdapter) -> (S, Option<u64>)
    where
        S: EventSourced<AggregateId = String> + castore::snapshot::SnapshotState,
    {
        let store = EventStore::<S>::new(storage.clone()).with_snapshots(Snapshots::new(storage.clone()).every(1));
        let loaded = store.get_existing_aggregate("p").since_snapshot().await.unwrap();
        (loaded.aggregate.state, loaded.snapshot_version)
    }
    let storage = storage([raw(1, "APPEARED", None), raw(2, "EVOLVED", None)]).await;
    assert_eq!(load::<first::Pokemon>(&storage).await, (first::Pokemon { unknown: 1 }, None));
    assert_eq!(load::<first::Pokemon>(&storage).await, (first::Pokemon { unknown: 1 }, Some(2)));
    assert_eq!(load::<second::Pokemon>(&storage).await, (second::Pokemon { unknown: 0 }, None));
}
