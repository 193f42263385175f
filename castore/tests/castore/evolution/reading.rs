use castore::prelude::*;
use castore::testing::retired;

use super::domain::*;

#[tokio::test]
async fn retired_types_are_read_as_types_of_today() {
    let pokemons = EventStore::<Pokemon>::new(storage(stored()).await);
    let events = pokemons.get_events("p").await.unwrap();
    let declared = |at: usize| events[at].payload.clone();
    assert_eq!(declared(0), PokemonEvent::Appeared { name: "Pikachu".into(), level: 1, wild: true });
    assert_eq!(declared(1), PokemonEvent::Caught(Caught { trainer_id: "ash".into() }));
    assert_eq!(declared(2), PokemonEvent::Leveled(Leveled { by: 3 }));
    assert_eq!(declared(3), PokemonEvent::Stolen);
    assert_eq!(declared(4), PokemonEvent::Caught(Caught { trainer_id: "gary".into() }));
    assert_eq!(declared(5), PokemonEvent::Stolen);
    assert_eq!(declared(6), PokemonEvent::Dropped(retired(Dropped { at: "the river".into() })));
    let PokemonEvent::Dropped(dropped) = declared(6) else { panic!("another event") };
    assert_eq!(dropped.at, "the river");
    assert_eq!(events[2].type_name(), "LEVELED");
}

#[tokio::test]
async fn chains_start_at_the_stored_version() {
    let second = raw(1, "APPEARED_V2", Some(r#"{"name":"Pikachu","level":2}"#));
    let pokemons = EventStore::<Pokemon>::new(storage([second]).await);
    let expected = PokemonEvent::Appeared { name: "Pikachu".into(), level: 2, wild: true };
    assert_eq!(pokemons.get_events("p").await.unwrap()[0].payload, expected);
}

#[tokio::test]
async fn undeclared_types_keep_their_name_and_payload() {
    let pokemons = EventStore::<Pokemon>::new(storage(stored()).await);
    let events = pokemons.get_events("p").await.unwrap();
    let unknown = |at: usize| match &events[at].payload {
        PokemonEvent::Unknown(unknown) => unknown.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((unknown(7).event_type(), unknown(7).payload()), ("EVOLVED", Some(EVOLVED)));
    assert_eq!((unknown(8).event_type(), unknown(8).payload()), ("FED", None));
    assert_eq!(events[7].event_type(), PokemonEventType::Unknown);
    assert_eq!(events[7].type_name(), "EVOLVED");
    assert_eq!(format!("{:?}", unknown(7)), r#"UnknownEvent { event_type: "EVOLVED", .. }"#);
    let pokemon = pokemons.get_existing_aggregate("p").await.unwrap();
    assert_eq!(
        pokemon.aggregate.state,
        Pokemon { name: "Pikachu".into(), level: 6, unknown: vec!["EVOLVED".into(), "FED".into()] }
    );
}

#[test]
fn event_types_know_their_retired_names() {
    use PokemonEventType::*;
    assert_eq!(PokemonEventType::ALL, [Appeared, Caught, Leveled, Stolen, Dropped]);
    assert_eq!(PokemonEventType::OTHER, Some(Unknown));
    assert_eq!(PokemonEventType::RETIRED, ["CAUGHT_OR_STOLEN"]);
    assert_eq!(Appeared.as_str(), "APPEARED_V3");
    assert_eq!(Appeared.retired_names(), ["APPEARED", "APPEARED_V2"]);
    assert_eq!(Appeared.stored_names().unwrap(), ["APPEARED_V3", "APPEARED", "APPEARED_V2", "CAUGHT_OR_STOLEN"]);
    assert_eq!(Dropped.stored_names().unwrap(), ["DROPPED", "CAUGHT_OR_STOLEN"]);
    assert_eq!((Unknown.as_str(), Unknown.stored_names()), ("__OTHER__", None));
    assert_eq!("CAUGHT".parse::<PokemonEventType>().unwrap(), Caught);
    assert_eq!("EVOLVED".parse::<PokemonEventType>().unwrap(), Unknown);
    // Events of this retired type may become one of several types, so its name cannot be parsed as one of them.
    assert!("CAUGHT_OR_STOLEN".parse::<PokemonEventType>().is_err());
}
