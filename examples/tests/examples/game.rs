use std::path::Path;

use serde_json::json;

use crate::support::{Place, counts, pokemon_line, run};

#[test]
fn game_continues_on_the_same_file() {
    let place = Place::new();
    let play = || run("pokemon", &["--db", &place.db()], b"").ok();

    let first = play();
    assert_eq!(first.err, "");
    assert!(first.out.starts_with(&format!("database: {}\na new game", place.db())), "{}", first.out);
    for text in [
        "Ash Ketchum starts the game",
        "on the bus: a wild Pikachu of level 5 has appeared, as was planned",
        "on the bus: a wild Eevee of level 4 has appeared, by chance",
        "version 2 of the POKEMONS aggregate already exists; retrying",
        "both level-ups count: Pikachu has level 7",
        "version 4 of the POKEMONS aggregate already exists; retrying",
        "cannot catch Pikachu, which already has a trainer",
        "has caught Eevee",
        "after 11 replayed events, its content is the same",
    ] {
        assert!(first.out.contains(text), "{text} is not in\n{}", first.out);
    }

    let second = play();
    for text in [
        "found 2 trainers and 3 pokémons, 2 of them caught, in 11 events",
        ": level 7 -> 8",
        ": level 4 -> 5",
        "Misty starts the game",
        "has caught Onix",
        "after 24 replayed events, its content is the same",
    ] {
        assert!(second.out.contains(text), "{text} is not in\n{}", second.out);
    }
    assert!(!second.out.contains("Ash Ketchum starts"), "{}", second.out);
    let third = play();
    assert!(third.out.contains("found 4 trainers and 6 pokémons, 4 of them caught, in 24 events"), "{}", third.out);
}

#[test]
fn stored_events_are_readable_by_other_programs() {
    let place = Place::new();
    run("pokemon", &["--db", &place.db()], b"").ok();
    let trainers = place.listed("TRAINERS");
    let pokemons = place.listed("POKEMONS");
    assert_eq!((trainers.len(), pokemons.len()), (2, 3));
    for trainer in &trainers {
        let [started, caught] = place.stored("TRAINERS", trainer).try_into().unwrap();
        assert_eq!(started["event"]["type"], "GAME_STARTED");
        assert!(started["event"]["payload"]["trainerName"].is_string());
        assert_eq!(caught["event"]["type"], "POKEMON_CAUGHT");
        let pokemon = caught["event"]["payload"]["pokemonId"].as_str().unwrap();
        let events = place.stored("POKEMONS", pokemon);
        let last = events.last().unwrap();
        assert_eq!(last["event"]["type"], "CAUGHT_BY_TRAINER");
        assert_eq!(last["event"]["payload"], json!({ "trainerId": trainer }));
        // All events of a group have the same timestamp.
        assert_eq!(last["event"]["timestamp"], caught["event"]["timestamp"]);
        assert!(events[0]["event"]["metadata"]["trigger"].is_string());
    }
}

#[test]
fn temporary_database_is_removed() {
    let said = run("pokemon", &[], b"").ok();
    let line = said.out.lines().next().unwrap();
    let path = line.strip_prefix("database: ").unwrap().strip_suffix(" (temporary; `--db PATH` keeps it)").unwrap();
    assert!(!Path::new(path).parent().unwrap().exists(), "{path}");
}

#[test]
fn game_continues_after_an_import() {
    let place = Place::new();
    let lines = [
        pokemon_line("p", 1),
        r#"{"eventStoreId":"TRAINERS","event":{"aggregateId":"t","version":1,"type":"GAME_STARTED","timestamp":"2021-01-01T00:00:00.000Z","payload":{"trainerName":"Red"}}}"#.to_owned(),
        r#"{"eventStoreId":"TRAINERS","event":{"aggregateId":"t","version":2,"type":"POKEMON_CAUGHT","timestamp":"2021-01-02T00:00:00.000Z","payload":{"pokemonId":"p"}}}"#.to_owned(),
        // The pokémon was not imported.
        r#"{"eventStoreId":"TRAINERS","event":{"aggregateId":"t","version":3,"type":"POKEMON_CAUGHT","timestamp":"2021-01-03T00:00:00.000Z","payload":{"pokemonId":"q"}}}"#.to_owned(),
    ];
    assert_eq!(place.import(lines.join("\n")).ok().counts(), counts(4, 0, 0));
    let said = run("pokemon", &["--db", &place.db()], b"").ok();
    assert!(said.out.contains("found 1 trainers and 1 pokémons, 0 of them caught, in 4 events"), "{}", said.out);
    assert!(said.out.contains("  Pikachu of Red: level 2 -> 3"), "{}", said.out);
}
