//! A small game on two event stores in an SQLite file.
//!
//! ```text
//! cargo run --example pokemon                                      plays one round with a temporary file
//! cargo run --example pokemon -- --db game.db                      keeps the file; the next run continues the game
//! cargo run --example pokemon -- --db game.db import events.jsonl  imports the events of a file
//! cargo run --example pokemon -- graph                             prints the graph of the program
//! ```
//!
//! Source files:
//! * `pokemon.rs`, `trainer.rs`: the domain: events, states, reducers
//! * `channels.rs`: the message channels, one line each
//! * `commands/`: the commands, with retries after version conflicts
//! * `read_model.rs`, `backup.rs`: the consumers of messages
//! * `wiring.rs`: the declaration of the program's parts, for checks, the lock and the graph
//! * `world.rs`: the creation and connection of the parts
//! * `game.rs`: one round of the game
//! * `replay.rs`: publishing the stored events again, for a new read model
//! * `import/`: the import of many events from a file, several at a time
//! * `cli.rs`, `progress.rs`: the command line and the progress line of the import
#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod backup;
mod channels;
mod cli;
mod commands;
mod game;
mod import;
mod pokemon;
mod progress;
mod read_model;
mod replay;
mod trainer;
mod wiring;
mod world;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use castore::inspect::Inspect;

use crate::cli::{Action, Arguments, Parsed};
use crate::import::Input;
use crate::wiring::Game;
use crate::world::World;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match cli::parse(std::env::args_os().skip(1)) {
        Ok(Parsed::Run(arguments)) => arguments,
        Ok(Parsed::Graph) => {
            print!("{}", Game::graph().mermaid());
            return ExitCode::SUCCESS;
        }
        Ok(Parsed::Help) => {
            print!("{}", cli::HELP);
            return ExitCode::SUCCESS;
        }
        Err(usage_error) => {
            eprintln!("error: {usage_error}\n\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", castore::error::error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    // Opens the input first: if it does not exist, no database is created.
    let input = match &arguments.action {
        Action::Play => None,
        Action::Import(file) => Some(Input::open(file)?),
    };
    let database = Database::choose(arguments.db)?;
    let world = World::open(&database.path).await?;
    println!("database: {}{}", database.path.display(), database.remark());
    let outcome = match input {
        None => game::play(&world).await,
        Some(input) => import::run(&world, input).await.map_err(Into::into),
    };
    world.shutdown().await;
    outcome
}

/// The database file of the game.
struct Database {
    path: PathBuf,
    /// The temporary directory of the file. It is deleted when this value is dropped.
    temporary: Option<tempfile::TempDir>,
}

impl Database {
    fn choose(path: Option<PathBuf>) -> Result<Self, Box<dyn Error>> {
        if let Some(path) = path {
            return Ok(Self { path, temporary: None });
        }
        let folder = tempfile::tempdir().map_err(|error| format!("cannot make a temporary directory: {error}"))?;
        Ok(Self { path: folder.path().join("game.db"), temporary: Some(folder) })
    }

    fn remark(&self) -> &'static str {
        if self.temporary.is_some() { " (temporary; `--db PATH` keeps it)" } else { "" }
    }
}
