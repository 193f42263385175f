use std::fmt;
use std::marker::PhantomData;
use std::process::ExitCode;
use std::sync::Arc;

use castore_core::consumer::{ConsumerSetup, DeadLetters};
use castore_core::log::EventLog;
use castore_core::relay::RelayStorageAdapter;
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::{AggregateDeletion, EventStorageAdapter, StorageSchema};
use castore_projection::engine::ReadModelRegistry;

use super::outputs::{self, output};
use super::projections::{self, Projections};
use super::replay::Replay;
use super::report::Report;
use super::{dead_letters, events, relays};
use crate::Inspect;
use crate::forget::Rule;

const USAGE: &str = "\
events show STORE AGGREGATE [--at VERSION] | events verify [STORE]
events forget STORE AGGREGATE [--delete [--force]] [--dry-run]
relays | relays parked RELAY | relays retry RELAY STORE AGGREGATE | relays drop RELAY STORE AGGREGATE POSITION
projections | projections parked NAME [--version N] | projections retry NAME STORE AGGREGATE [--version N]
projections rebuild NAME [--version N] | projections drop NAME --version N
replay --store STORE [--only TYPE,…] [--from POSITION|TIMESTAMP] [--rate N/s] [--dry-run] CHANNEL
schema print | schema apply | consumers list | consumers apply [--dry-run]
dead-letters list CONSUMER | dead-letters show CONSUMER ID | dead-letters redrive CONSUMER ID|--all | dead-letters drop CONSUMER ID
Each of these commands accepts --json.";

/// The command line of a program with access to its storage and its brokers. In addition to the commands of
/// [`operate`](super::operate), it shows, verifies, rewrites and deletes stored events, replays events, and creates the
/// tables of storages and the resources of consumers. It also shows and repairs relays, projections and dead letters.
/// To use a group of commands, call the method that provides its storage or its broker, such as
/// [`events`](Self::events).
///
/// `cargo castore` runs the binary `operate` of the program:
///
/// ```no_run
/// # use castore::prelude::*;
/// # wiring! { pub struct Game; }
/// use std::process::ExitCode;
///
/// #[tokio::main]
/// async fn main() -> ExitCode {
/// #    let storage = InMemoryEventStorageAdapter::new();
///     castore::inspect::Operate::<Game>::new(env!("CARGO_PKG_VERSION"))
///         .events(storage.clone())
///         .relays(storage)
///         .run(std::env::args().skip(1))
///         .await
/// }
/// ```
#[must_use = "a command line does nothing until `run` is called"]
pub struct Operate<W> {
    version: String,
    pub(super) events: Option<Arc<dyn EventStorageAdapter>>,
    pub(super) relays: Option<(Arc<dyn RelayStorageAdapter>, Arc<dyn EventLog>)>,
    pub(super) dead_letters: Vec<(String, Arc<dyn DeadLetters>)>,
    pub(super) projections: Vec<Projections>,
    pub(super) snapshots: Vec<Arc<dyn SnapshotAdapter>>,
    pub(super) rules: Vec<Rule>,
    pub(super) deletion: Option<Arc<dyn AggregateDeletion>>,
    pub(super) replays: Vec<Replay>,
    pub(super) schemas: Vec<Arc<dyn StorageSchema>>,
    pub(super) consumers: Vec<(String, Arc<dyn ConsumerSetup>)>,
    program: PhantomData<fn() -> W>,
}

impl<W: Inspect> Operate<W> {
    /// Creates a command line without access to a storage. `version` is the version of the program.
    pub fn new(version: impl Into<String>) -> Self {
        Self {
            version: version.into(),
            events: None,
            relays: None,
            dead_letters: Vec::new(),
            projections: Vec::new(),
            snapshots: Vec::new(),
            rules: Vec::new(),
            deletion: None,
            replays: Vec::new(),
            schemas: Vec::new(),
            consumers: Vec::new(),
            program: PhantomData,
        }
    }

    /// Sets the storage for the `events` commands.
    pub fn events(self, storage: impl EventStorageAdapter) -> Self {
        Self { events: Some(Arc::new(storage)), ..self }
    }

    /// Sets the storage with the event log and the state of the relays, for the `relays` commands.
    pub fn relays(self, storage: impl RelayStorageAdapter + EventLog + Clone) -> Self {
        Self { relays: Some((Arc::new(storage.clone()), Arc::new(storage))), ..self }
    }

    /// Adds the stored dead letters of a consumer, for the `dead-letters` commands. The commands refer to the consumer
    /// by this name, which can be chosen freely.
    pub fn dead_letters(mut self, consumer: impl Into<String>, letters: impl DeadLetters) -> Self {
        self.dead_letters.push((consumer.into(), Arc::new(letters)));
        self
    }

    /// Adds a database with read models, for the `projections` commands. `log` must be the event log from which the
    /// read models are built.
    pub fn projections(mut self, read_models: impl ReadModelRegistry, log: impl EventLog) -> Self {
        self.projections.push(Projections { registry: Arc::new(read_models), log: Arc::new(log) });
        self
    }

    /// Executes a command, and prints its result. Returns a failure code if the command could not be executed, or if it
    /// found a problem, such as an event that the program cannot read.
    pub async fn run(&self, arguments: impl IntoIterator<Item = String>) -> ExitCode {
        let arguments: Vec<String> = arguments.into_iter().collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match self.execute(&arguments).await {
            Ok(report) => {
                println!("{}", report.text);
                if report.is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
            }
            Err(text) => {
                eprintln!("{text}");
                ExitCode::FAILURE
            }
        }
    }

    pub(super) async fn execute(&self, arguments: &[&str]) -> Result<Report, String> {
        let json = arguments.contains(&"--json");
        let command: Vec<&str> = arguments.iter().copied().filter(|it| *it != "--json").collect();
        match command.as_slice() {
            ["events", rest @ ..] => self.execute_events(rest, json).await,
            ["relays", rest @ ..] => {
                let (state, log) =
                    self.relays.as_ref().ok_or("the binary `operate` has no storage: call `relays(storage)`")?;
                let rest = if rest.is_empty() { &["list"] } else { rest };
                relays::execute::<W>(&**state, &**log, rest, json).await?.ok_or_else(usage)
            }
            ["dead-letters", rest @ ..] => {
                dead_letters::execute(&self.dead_letters, rest, json).await?.ok_or_else(usage)
            }
            ["projections", rest @ ..] => {
                if self.projections.is_empty() {
                    return Err(
                        "the binary `operate` has no read models: call `projections(read_models, log)`".to_owned()
                    );
                }
                let rest = if rest.is_empty() { &["list"] } else { rest };
                projections::execute::<W>(&self.projections, rest, json).await?.ok_or_else(usage)
            }
            ["replay", rest @ ..] => self.execute_replay(rest, json).await?.ok_or_else(usage),
            ["schema", rest @ ("print" | "apply")] => self.execute_schema(&[rest]).await?.ok_or_else(usage),
            ["consumers", rest @ ..] => self.execute_consumers(rest, json).await?.ok_or_else(usage),
            _ => output::<W>(&self.version, arguments).map(Report::good).map_err(|text| match text == outputs::USAGE {
                true => usage(),
                false => text,
            }),
        }
    }

    async fn execute_events(&self, command: &[&str], json: bool) -> Result<Report, String> {
        if let ["forget", rest @ ..] = command {
            return self.execute_forget(rest, json).await?.ok_or_else(usage);
        }
        let storage = self.events.as_ref().ok_or("the binary `operate` has no storage: call `events(storage)`")?;
        match command {
            ["show", store, aggregate] => events::show::<W>(&**storage, store, aggregate, None, json).await,
            ["show", store, aggregate, "--at", version] => {
                let at = version.parse().map_err(|_| format!("`{version}` is not a version"))?;
                events::show::<W>(&**storage, store, aggregate, Some(at), json).await
            }
            ["verify"] => events::verify::<W>(&**storage, None, json).await,
            ["verify", store] => events::verify::<W>(&**storage, Some(store), json).await,
            _ => Err(usage()),
        }
    }
}

fn usage() -> String {
    format!("{}\n{USAGE}", outputs::USAGE)
}

impl<W> fmt::Debug for Operate<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Operate").field("version", &self.version).finish_non_exhaustive()
    }
}
