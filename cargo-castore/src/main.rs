//! `cargo castore`: a cargo subcommand that runs the binary `operate` of a program. The binary prints the program's
//! graph and schemas, and shows and repairs stored data.
//!
//! ```text
//! cargo castore [OPTIONS OF CARGO] graph [--html] | asyncapi | schema | describe | catalog FOLDER
//! cargo castore [OPTIONS OF CARGO] events … | relays … | projections … | replay … | dead-letters …
//! cargo castore [OPTIONS OF CARGO] schema print | schema apply | consumers …
//! cargo castore [OPTIONS OF CARGO] lock [update | force]
//! cargo castore [OPTIONS OF CARGO] expand [ITEM]
//! ```
//!
//! The program must have the binary `src/bin/operate.rs`, which calls `castore::inspect::operate`. For the commands
//! about its storage and its brokers, the binary runs a `castore::inspect::Operate` instead. `lock` and `expand` do not
//! need this binary: `lock` runs the tests of the program, and `expand` runs the tool cargo-expand.

mod plan;

use std::env;
use std::process::{Command, ExitCode};

use plan::Plan;

fn main() -> ExitCode {
    // Cargo passes the name of the subcommand as the first argument.
    let arguments = env::args().skip(1);
    let arguments: Vec<String> =
        arguments.enumerate().filter(|(at, it)| *at > 0 || it != "castore").map(|(_, it)| it).collect();
    let plan = match Plan::of(&arguments) {
        Ok(plan) => plan,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::from(2);
        }
    };
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(&plan.arguments);
    if let Some(lock) = plan.lock {
        command.env("CASTORE_LOCK", lock);
    }
    match command.status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("cannot run cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
