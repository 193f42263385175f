use castore::inspect::Samples;
use castore::inspect::lock::{LockError, LockMode, check};

use crate::game::{Caught, Foreign, Game, Move, Pokemon, PokemonEvent, Trainer, TrainerEvent};
use crate::lock::{before, optional_field, required_field};

fn appeared() -> PokemonEvent {
    PokemonEvent::Appeared {
        name: "Pikachu".into(),
        level: 5,
        is_wild: true,
        moves: vec![Move::Tackle, Move::Bolt { power: 90 }],
        place: Foreign(1),
    }
}

#[test]
fn game_is_locked_with_samples() {
    let caught = PokemonEvent::Caught(Caught { trainer_id: "ash".into(), at: None });
    let samples = Samples::new()
        .of::<Pokemon>([appeared(), caught, PokemonEvent::LeveledUp])
        .of::<Trainer>([TrainerEvent::Started { name: "Ash".into() }]);
    castore::locked!(Game, "tests/inspect/golden/sampled.lock", samples);
}

#[test]
fn event_type_without_sample_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let samples = Samples::new().of::<Pokemon>([appeared()]);
    let error = check::<Game>(&folder.path().join("events.lock"), &samples, LockMode::Update).unwrap_err();
    let LockError::NoSamples { event_types } = error else { panic!("{error}") };
    assert_eq!(event_types, ["TRAINERS/STARTED", "POKEMONS/CAUGHT", "POKEMONS/LEVELED_UP"]);
}

#[test]
fn files_of_earlier_versions_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.lock");
    let samples_of_before = || {
        let appeared = before::PokemonEvent::Appeared { name: "Pikachu".into(), level: 5, kind: None };
        Samples::new().of::<before::Pokemon>([appeared, before::PokemonEvent::LeveledUp])
    };
    check::<before::Program>(&path, &samples_of_before(), LockMode::Update).unwrap();
    check::<before::Program>(&path, &samples_of_before(), LockMode::Check).unwrap();
    let file = folder.path().join("events.samples/POKEMONS/APPEARED.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, "{\"type\":\"APPEARED\",\"payload\":{\"name\":\"Pikachu\",\"level\":5,\"kind\":null}}\n");
    // With a new optional field, both files are kept and can be read.
    let appeared = optional_field::PokemonEvent::Appeared { name: "Pikachu".into(), level: 5, kind: None, wild: true };
    let samples = Samples::new().of::<optional_field::Pokemon>([appeared, optional_field::PokemonEvent::LeveledUp]);
    check::<optional_field::Program>(&path, &samples, LockMode::Update).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    assert!(folder.path().join("events.samples/POKEMONS/APPEARED.2.json").exists());
    // With a new required field, the first file cannot be read.
    let appeared = required_field::PokemonEvent::Appeared { name: "Pikachu".into(), level: 5, kind: None, wild: true };
    let samples = Samples::new().of::<required_field::Pokemon>([appeared, required_field::PokemonEvent::LeveledUp]);
    let report = check::<required_field::Program>(&path, &samples, LockMode::Update).unwrap_err().to_string();
    assert!(report.contains("event POKEMONS/APPEARED: the sample APPEARED.json cannot be read"), "{report}");
}
