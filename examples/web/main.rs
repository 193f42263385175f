//! A list of tasks behind an HTTP API: events in SQLite, a read model for queries, a relay that publishes the events,
//! and one service that stops everything in order.
//!
//! ```text
//! cargo run -p castore-examples --example web -- tasks.db 127.0.0.1:3000
//! curl -X POST 127.0.0.1:3000/tasks/1 -H 'content-type: application/json' -H 'idempotency-key: a' -d '{"title": "Tea"}'
//! curl -X POST 127.0.0.1:3000/tasks/1/done
//! curl 127.0.0.1:3000/tasks
//! curl 127.0.0.1:3000/health/ready
//! ```

#![allow(unreachable_pub, reason = "a program exports nothing; `pub` marks the items for other modules")]

mod api;
mod open_tasks;
mod task;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::future::Future;

use castore::prelude::*;
use castore::projection::ProjectionOptions;
use castore::service::{ReachableStorage, Service};
use tokio::net::TcpListener;

use crate::api::App;
use crate::open_tasks::OpenTasks;
use crate::task::{Task, TaskBus};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "tasks.db".to_owned());
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    run(&path, listener, async {
        // If no handler for the signal can be installed, the program runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
    .await
}

/// Runs the program until `signal` completes, or until a part of it fails.
async fn run(path: &str, listener: TcpListener, signal: impl Future<Output = ()>) -> Result<(), Box<dyn Error>> {
    let sqlite = SqliteEventStorageAdapter::open(path).await?;
    let bus = TaskBus::new();
    let reminders = InMemoryMessageBusAdapter::attach_to(&bus);
    reminders.on(Filter::store::<Task>(), |message, _| async move {
        println!("{}: {}", message.event.aggregate_id, message.event.type_name());
        Ok(())
    });
    // The relay publishes events only after their transaction was committed.
    let tasks = EventStore::<Task>::new(sqlite.clone()).connect_via_relay(bus.clone());
    let relay = Relay::builder(bus).publish(&tasks).start(sqlite.clone(), RelayStart::Beginning).await?;
    let open_tasks = sqlite.read_models()?.start(OpenTasks, sqlite.clone(), ProjectionOptions::default()).await?;

    // The parts stop in reverse order: first the relay, so that nothing is published to adapters that have stopped.
    let storage = ReachableStorage::new("tasks", sqlite.clone());
    let service = Service::new().with(&storage).with(&reminders).with(&open_tasks).with(&relay);
    let app = App::new(sqlite.clone(), tasks, open_tasks, service.clone()).await?;
    let server = axum::serve(listener, app.router()).with_graceful_shutdown(service.stopping());
    let server = tokio::spawn(server.into_future());
    let stopped = service.run_until(signal).await;
    server.await??;
    sqlite.shutdown().await;
    Ok(stopped?)
}
