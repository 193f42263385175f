//! Tests of pushes whose version does not follow the last version of the aggregate.

use castore::command::find_event_already_exists;
use castore::prelude::*;
use castore::store::VersionGap;

use crate::golden::domain::*;
use crate::support::chain;

fn leveled_up(version: u64) -> NewEvent<Pokemon> {
    NewEvent::new("p", version, PokemonEvent::LeveledUp)
}

#[tokio::test]
async fn push_that_leaves_a_gap_is_refused_unless_it_is_allowed() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let error = pokemons.push_event(leveled_up(5)).await.unwrap_err();
    let PushEventError::VersionGap(gap) = &error else { panic!("{error}") };
    assert_eq!(*gap, VersionGap::new("POKEMONS", "p", 1, 5));
    assert_eq!(
        chain(&error),
        [
            "version 5 of POKEMONS aggregate p is not the next version, which is 1; set `allow_gap(true)` on the push to store \
             it anyway"
        ]
    );
    // A command must not be retried: the next attempt would compute the same version.
    assert!(find_event_already_exists(&error).is_none());
    pokemons.push_event(NewEvent::new("p", 1, appeared("Pikachu", 1))).await.unwrap();
    pokemons.push_event(leveled_up(5)).allow_gap(true).await.unwrap();
    pokemons.push_event(leveled_up(9)).force(true).await.unwrap();
    let loaded = pokemons.get_existing_aggregate("p").await.unwrap();
    assert_eq!((loaded.aggregate.version, loaded.events.len()), (9, 3));
    // The next event needs no permission: it follows the last event, even if earlier versions are missing.
    pokemons.push_event(loaded.aggregate.next_event(PokemonEvent::LeveledUp)).await.unwrap();
}

#[tokio::test]
async fn group_that_leaves_a_gap_is_refused_unless_it_is_allowed() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let group = || vec![pokemons.group_event(leveled_up(7)), pokemons.group_event(leveled_up(6))];
    let error = push_event_group(group()).await.unwrap_err();
    assert!(matches!(&error, PushEventError::VersionGap(gap) if (gap.expected, gap.given) == (1, 6)), "{error}");
    assert!(pokemons.get_events("p").await.unwrap().is_empty());
    push_event_group(group()).allow_gap(true).await.unwrap();
    let versions: Vec<_> = pokemons.get_events("p").await.unwrap().iter().map(|event| event.version).collect();
    assert_eq!(versions, [6, 7]);
}
