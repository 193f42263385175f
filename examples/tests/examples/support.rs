//! Builds and runs the examples, and reads the files that they create.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{fs, thread};

use castore::prelude::*;
use castore::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions};
use serde_json::{Value, json};

/// Returns the path of an example's program.
///
/// `cargo test` builds an example that contains tests as a test instead of a program. Therefore this function builds
/// the examples as programs. This takes almost no time if they are up to date.
pub fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(build);
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "there is no {}; run `cargo build --examples`", program.display());
    program
}

fn build() -> PathBuf {
    // The path of this test is <target>/<profile>/deps/<this test>.
    let this = std::env::current_exe().unwrap();
    let profile_folder = this.parent().and_then(Path::parent).unwrap();
    let target = profile_folder.parent().unwrap();
    let profile = match profile_folder.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    // Uses the same packages and features as the build of this test, so that Cargo does not build them again.
    let features: &[&str] = if cfg!(feature = "postgres") { &["--workspace", "--all-features"] } else { &[] };
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--examples", "--profile", profile])
        .args(features)
        .args(["--manifest-path".as_ref(), manifest.as_os_str(), "--target-dir".as_ref(), target.as_os_str()])
        .status();
    assert!(status.unwrap().success(), "the examples do not build");
    profile_folder.join("examples")
}

/// The output of a program.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    /// Returns the last line, which has the counts of an import.
    pub fn counts(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }
}

/// Runs an example until it ends.
pub fn run(name: &str, arguments: &[&str], input: &[u8]) -> Said {
    let mut child = Command::new(example(name))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The program may end without reading its input, which is not an error of the writer.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Said {
        code: output.status.code().expect("the program was killed"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A temporary folder with the path of a database that does not exist yet.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn db(&self) -> String {
        self.path("game.db")
    }

    /// Writes the text to a file and imports this file.
    pub fn import(&self, text: impl AsRef<[u8]>) -> Said {
        let file = self.path("events.jsonl");
        fs::write(&file, text).unwrap();
        run("pokemon", &["--db", &self.db(), "import", &file], b"")
    }

    /// Returns all events of an aggregate, each in the form of a notification message.
    pub fn stored(&self, event_store_id: &str, aggregate_id: &str) -> Vec<Value> {
        on_storage(self.db(), async |storage| {
            let events = storage.get_events(event_store_id, aggregate_id, GetEventsOptions::default()).await.unwrap();
            let message = |event: castore::storage::RawEvent| {
                let mut written = json!({
                    "aggregateId": event.aggregate_id,
                    "version": event.version,
                    "type": event.event_type,
                    "timestamp": event.timestamp,
                });
                for (key, part) in [("payload", event.payload), ("metadata", event.metadata)] {
                    if let Some(part) = part {
                        written[key] = serde_json::from_str(part.get()).unwrap();
                    }
                }
                json!({ "eventStoreId": event_store_id, "event": written })
            };
            events.into_iter().map(message).collect()
        })
    }

    /// Returns the ids of all aggregates that have a version 1.
    pub fn listed(&self, event_store_id: &str) -> Vec<String> {
        on_storage(self.db(), async |storage| {
            let page = storage.list_aggregate_ids(event_store_id, ListAggregateIdsOptions::default()).await.unwrap();
            page.aggregates.into_iter().map(|listed| listed.aggregate_id).collect()
        })
    }
}

#[tokio::main(flavor = "current_thread")]
pub async fn on_storage<T>(path: String, look: impl AsyncFnOnce(&SqliteEventStorageAdapter) -> T) -> T {
    let storage = SqliteEventStorageAdapter::open(path).await.unwrap();
    let seen = look(&storage).await;
    storage.shutdown().await;
    seen
}

pub const TIMESTAMP: &str = "2024-02-29T12:34:56.789Z";

/// Returns a message with an event of a pokémon, as a line without a line end.
pub fn pokemon_line(aggregate_id: &str, version: u64) -> String {
    let event = match version {
        1 => json!({"type": "APPEARED", "payload": {"name": "Pikachu", "level": 2}, "metadata": {"trigger": "random"}}),
        _ => json!({"type": "LEVELED_UP"}),
    };
    let mut message = json!({"eventStoreId": "POKEMONS", "event": event});
    message["event"]["aggregateId"] = aggregate_id.into();
    message["event"]["version"] = version.into();
    message["event"]["timestamp"] = TIMESTAMP.into();
    message.to_string()
}

/// Returns the expected last line of an import with these counts.
pub fn counts(imported: usize, already_there: usize, bad: usize) -> String {
    format!("{imported} imported, {already_there} already there, {bad} bad; received {imported} messages from the bus")
}
