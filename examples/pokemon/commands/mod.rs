//! The commands of the game. Each command reads, decides and pushes. After a version conflict it runs again.

// `#[command]` generates a module that has the name of the function, so the source files must have other names.
mod appear;
mod catch;
mod level;
mod moment;
mod start;

use castore::prelude::*;

pub use appear::{WildPokemonAppears, wild_pokemon_appears};
pub use catch::{CatchError, CatchPokemon, catch_pokemon};
pub use level::{LevelUp, LevelUpError, level_up};
pub use moment::Moment;
pub use start::{StartGame, start_game};

/// Prints a conflict.
async fn tell_of_conflict(conflict: &EventAlreadyExists, attempt: u32, retries_left: u32) {
    let EventAlreadyExists { event_store_id, version, .. } = conflict;
    let next = if retries_left > 0 { "retrying" } else { "giving up" };
    println!("  attempt {attempt}: version {version} of the {event_store_id} aggregate already exists; {next}");
}
