//! The operator's command line of the example `web`. It works on the file of the program, whether or not the program is
//! running. In a separate package, this file would be `src/bin/operate.rs`, which `cargo castore` runs.
//!
//! ```text
//! cargo run -p castore-examples --example operate -- tasks.db events verify
//! cargo run -p castore-examples --example operate -- tasks.db projections
//! cargo run -p castore-examples --example operate -- tasks.db projections rebuild open_tasks
//! cargo run -p castore-examples --example operate -- tasks.db replay --store TASKS --dry-run TASK_BUS
//! cargo run -p castore-examples --example operate -- tasks.db events forget TASKS 1 --dry-run
//! ```

#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]

mod open_tasks;
mod task;

use std::process::ExitCode;

use castore::error::error_chain;
use castore::inspect::Operate;
use castore::prelude::*;
use castore::sqlite::OpenError;

use crate::open_tasks::OpenTasks;
use crate::task::{Task, TaskBus, TaskEvent};

wiring! {
    /// The whole program.
    pub struct Tasks;
    stores: [Task],
    channels: [TaskBus],
    read_models: [OpenTasks],
    relays: ["TASK_BUS" publishes TaskBus],
    elsewhere: [TaskBus],
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("usage: operate FILE COMMAND");
        return ExitCode::from(2);
    };
    match run(&path, arguments).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", error_chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(path: &str, arguments: impl Iterator<Item = String>) -> Result<ExitCode, OpenError> {
    let sqlite = SqliteEventStorageAdapter::open(path).await?;
    let tasks = EventStore::<Task>::new(sqlite.clone());
    // A program with a broker would attach the adapter of the broker. An in-memory bus has no listeners in other
    // processes, so this process prints the messages of a replay itself.
    let bus = TaskBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    listener.on(Filter::store::<Task>().on_replay(true), |message, _| async move {
        println!("{}: {}", message.event.aggregate_id, message.event.type_name());
        Ok(())
    });
    let code = Operate::<Tasks>::new(env!("CARGO_PKG_VERSION"))
        .events(sqlite.clone())
        .relays(sqlite.clone())
        .snapshots(sqlite.clone())
        .projections(sqlite.read_models()?, sqlite.clone())
        .replays(&tasks, &bus)
        .forget_with(|event: &mut EventDetail<Task>| {
            if let TaskEvent::Added { title } = &mut event.payload {
                *title = "forgotten".to_owned();
            }
        })
        .run(arguments)
        .await;
    listener.idle().await;
    listener.shutdown().await;
    sqlite.shutdown().await;
    Ok(code)
}
