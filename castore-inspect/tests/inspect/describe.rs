use castore::Shape;
use castore::describe::{Content, StoreDescription};
use castore::prelude::*;

use crate::game::{Caught, Game, Move, Pokemon, Team, Trainer};

#[test]
fn types_are_described_as_serde_writes_them() {
    assert_eq!(Caught::shape().to_string(), "{at?: u64?, trainerId: String}");
    assert_eq!(Move::shape().to_string(), "kind<tackle | bolt{power: u8}>");
    assert_eq!(Team::shape().to_string(), "{leader?: ^1?, members: [^1]}");
    assert_eq!(<(u8, Vec<Option<String>>)>::shape().to_string(), "(u8, [String?])");
}

#[test]
fn events_are_described() {
    let store = StoreDescription::of::<Pokemon>();
    let [appeared, caught, leveled_up] = store.events.as_slice() else { panic!("three event types") };
    assert_eq!((appeared.name, appeared.variant), ("APPEARED", "Appeared"));
    let fields = appeared.payload.fields().unwrap();
    let texts: Vec<String> = fields
        .iter()
        .map(|field| format!("{}{}: {}", field.name, if field.optional { "?" } else { "" }, field.ty))
        .collect();
    assert_eq!(
        texts,
        [
            "name: String",
            "level: u32",
            "isWild?: bool",
            "moves: [kind<tackle | bolt{power: u8}>]",
            "place: Foreign (opaque)"
        ]
    );
    assert_eq!(fields[3].aliases, ["move"]);
    assert_eq!(caught.payload.fields().unwrap().len(), 2);
    assert!(matches!(leveled_up.payload, Content::None));
}

#[test]
fn stores_are_described() {
    let store = StoreDescription::of::<Trainer>();
    assert_eq!((store.id, store.type_name, store.aggregate_id.text()), ("TRAINERS", "Trainer", "String"));
    assert_eq!(store.metadata.unwrap().to_string(), "{user: String}");
    let state: Vec<&str> =
        StoreDescription::of::<Pokemon>().state.fields().unwrap().iter().map(|field| field.name).collect();
    assert_eq!(state, ["name", "level", "team"]);
}

#[test]
fn wiring_lists_the_program() {
    let game = Game::describe();
    assert_eq!(game.name, "Game");
    let channels: Vec<_> = game.channels.iter().map(|it| (it.id, it.kind, it.topology, it.ordered)).collect();
    assert_eq!(
        channels,
        [
            ("APP_BUS", "notification", "bus", false),
            ("MAIL_QUEUE", "notification", "queue", false),
            ("BACKUP_QUEUE", "state-carrying", "queue", true),
            ("CENSUS_BUS", "aggregate-exists", "bus", false)
        ]
    );
    let consumers: Vec<_> = game.consumers.iter().map(|it| (it.name, it.channel, it.in_order)).collect();
    assert_eq!(
        consumers,
        [("mailer", "MAIL_QUEUE", false), ("screen", "APP_BUS", false), ("backup", "BACKUP_QUEUE", true)]
    );
    assert_eq!(game.commands, ["LEVEL_UP"]);
    assert_eq!(game.read_models[0].sources, ["POKEMONS", "TRAINERS"]);
    assert_eq!((game.relays[0].name, game.relays[0].channel), ("GAME", "APP_BUS"));
    assert_eq!(Game::MAILER, "mailer");
}

mod with_team_of_names {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shape)]
    pub struct Team {
        pub members: Vec<String>,
        pub leader: Option<Box<Team>>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[event_store(id = "POKEMONS", event = crate::game::PokemonEvent)]
    pub struct Pokemon {
        pub name: String,
        pub level: u32,
        pub team: Option<Team>,
    }

    impl Reducer for Pokemon {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(event.unexpected())
        }
    }
}

/// The definitions of the two states are equal, but the types that they contain differ.
#[test]
fn change_inside_a_nested_type_changes_the_shape_of_the_state() {
    assert_eq!(Pokemon::STATE_SHAPE, with_team_of_names::Pokemon::STATE_SHAPE);
    assert_ne!(Pokemon::state_shape(), with_team_of_names::Pokemon::state_shape());
    assert_eq!(Pokemon::state_shape(), Pokemon::state_shape());
    assert_eq!(Trainer::state_shape(), Trainer::STATE_SHAPE, "nothing inside has a shape of its own");
}
