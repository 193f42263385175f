//! The parts of the program in one place: the compiler checks that they fit together, and `pokemon graph` draws them.
//!
//! A test compares the files in `described/` with the program. `events.lock` lists the event types that are stored: the
//! test fails after a change that makes stored events unreadable. After any other change, write the files again:
//! `CASTORE_LOCK=update BLESS=1 cargo test --example pokemon`.

use castore::prelude::*;

use crate::channels::{AppBus, BackupQueue};
use crate::commands::{catch_pokemon, level_up, start_game, wild_pokemon_appears};
use crate::pokemon::Pokemon;
use crate::trainer::Trainer;

wiring! {
    /// The whole game.
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus, BackupQueue],
    consumers: [pokedex on AppBus, backup on BackupQueue],
    commands: [start_game, wild_pokemon_appears, catch_pokemon, level_up],
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use castore::inspect::{Inspect, Samples};

    use super::*;
    use crate::pokemon::{CaughtByTrainer, PokemonEvent};
    use crate::trainer::{PokemonCaught, TrainerEvent};

    fn assert_described(name: &str, expected: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pokemon/described").join(name);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, expected).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expected, "{name} is out of date; run this test with BLESS=1");
    }

    #[test]
    fn stored_events_stay_readable() {
        let samples = Samples::new()
            .of::<Pokemon>([
                PokemonEvent::Appeared { name: "Pikachu".into(), level: 2 },
                PokemonEvent::Caught(CaughtByTrainer { trainer_id: "ash".into() }),
                PokemonEvent::LeveledUp,
            ])
            .of::<Trainer>([
                TrainerEvent::GameStarted { trainer_name: "Ash Ketchum".into() },
                TrainerEvent::PokemonCaught(PokemonCaught { pokemon_id: "pikachu".into() }),
            ]);
        castore::locked!(Game, "pokemon/described/events.lock", samples);
    }

    #[test]
    fn outputs_are_up_to_date() {
        assert_described("graph.mmd", &Game::graph().mermaid());
        assert_described("graph.html", &Game::graph().html());
        assert_described("asyncapi.json", &format!("{:#}\n", Game::asyncapi("1.0.0")));
        assert_described("schema.json", &format!("{:#}\n", Game::json_schema()));
    }
}
