//! What can be asked of the game. Each command reads, decides and pushes; when another writer was faster, it does so
//! again.

// A command's function comes with a module of its name: a file is called otherwise.
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

/// Lets the reader see a conflict.
async fn tell_of_conflict(conflict: &EventAlreadyExists, attempt: u32, retries_left: u32) {
    let EventAlreadyExists { event_store_id, version, .. } = conflict;
    let next = if retries_left > 0 { "looking again" } else { "giving up" };
    println!("  attempt {attempt}: version {version} of the {event_store_id} aggregate is taken; {next}");
}
