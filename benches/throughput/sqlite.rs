use std::path::Path;
use std::time::Duration;

use castore::context::EventContext;
use castore::prelude::*;
use castore::sqlite::Synchronous;
use rusqlite::Connection;
use serde::Deserialize;

use crate::domain::{Pokemon, PokemonEvent, appeared, request, runtime};
use crate::measure::{Report, timed};

type Failure = Box<dyn std::error::Error>;

/// Measures SQLite, compared with rusqlite on a table of the same structure.
pub(crate) fn run(report: &mut Report) -> Result<(), Failure> {
    for (synchronous, name, pushes, target) in [
        (Synchronous::Full, "FULL", 2_000, [">= 0.8", ">= 8"]),
        (Synchronous::Normal, "NORMAL", 20_000, [">= 0.65", ""]),
    ] {
        for (writers, target) in [(1, target[0]), (64, target[1])] {
            let pushes_now = if writers == 1 { pushes } else { pushes * 8 };
            report.case(
                &format!("sqlite: push, {writers} at a time, {name}"),
                target,
                &mut || pushes_through(synchronous, writers, pushes_now),
                "rusqlite, one commit each",
                &mut || raw_inserts(name, pushes),
            )?;
        }
    }
    report.case(
        "sqlite: push, 1 at a time, NORMAL, context",
        ">= 0.9",
        &mut || pushes_in(request(), Synchronous::Normal, 1, 20_000),
        "the same without a context",
        &mut || pushes_through(Synchronous::Normal, 1, 20_000),
    )?;
    loads(report)
}

fn pushes_through(synchronous: Synchronous, writers: u64, pushes: u64) -> Result<(u64, Duration), Failure> {
    pushes_in(EventContext::new(), synchronous, writers, pushes)
}

/// Measures pushes of concurrent writers in the given context. Each writer pushes to a separate aggregate, one event
/// after the other.
fn pushes_in(
    context: EventContext,
    synchronous: Synchronous,
    writers: u64,
    pushes: u64,
) -> Result<(u64, Duration), Failure> {
    let runtime = runtime()?;
    let folder = tempfile::tempdir()?;
    let storage = runtime.block_on(async {
        SqliteEventStorageAdapter::builder(folder.path().join("ours.db")).synchronous(synchronous).open().await
    })?;
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let push_all = |id: String, pushes: u64| {
        let pokemons = pokemons.clone();
        context.clone().scope(async move {
            for version in 1..=pushes {
                pokemons.push_event(NewEvent::new(&id, version, appeared(5))).await?;
            }
            Ok::<_, PushEventError>(())
        })
    };
    let measured = timed(pushes, || {
        runtime.block_on(async {
            let tasks: Vec<_> =
                (0..writers).map(|n| tokio::spawn(push_all(format!("pikachu{n}"), pushes / writers))).collect();
            for task in tasks {
                task.await.map_err(Failure::from)??;
            }
            Ok::<_, Failure>(())
        })
    });
    runtime.block_on(storage.shutdown());
    Ok(measured)
}

fn open_raw(path: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};
         CREATE TABLE event (
             position INTEGER PRIMARY KEY AUTOINCREMENT, event_store_id TEXT NOT NULL, aggregate_id TEXT NOT NULL,
             version INTEGER NOT NULL, type TEXT NOT NULL, timestamp INTEGER NOT NULL, payload TEXT, metadata TEXT,
             UNIQUE (event_store_id, aggregate_id, version)
         );"
    ))?;
    Ok(connection)
}

const INSERT: &str = "INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp, payload)
     VALUES ('POKEMONS', 'pikachu1', ?1, ?2, ?3, ?4)";

fn raw_inserts(synchronous: &str, pushes: u64) -> Result<(u64, Duration), Failure> {
    let folder = tempfile::tempdir()?;
    let connection = open_raw(&folder.path().join("raw.db"), synchronous)?;
    let mut insert = connection.prepare(INSERT)?;
    let payload = r#"{"name":"Pikachu, the electric mouse","level":5}"#;
    let mut outcome = Ok(());
    let measured = timed(pushes, || {
        for version in 1..=pushes {
            let inserted = insert.execute((version as i64, "APPEARED", 1_704_067_200_000_i64, payload));
            outcome = std::mem::replace(&mut outcome, Ok(())).and(inserted.map(drop));
        }
    });
    outcome?;
    Ok(measured)
}

/// The events as handwritten code would read them.
#[derive(Deserialize)]
struct Appeared {
    #[allow(dead_code)]
    name: String,
    level: u32,
}

fn loads(report: &mut Report) -> Result<(), Failure> {
    for (events, loads) in [(100_u64, 4_000), (10_000, 60)] {
        let runtime = runtime()?;
        let folder = tempfile::tempdir()?;
        let storage = runtime.block_on(SqliteEventStorageAdapter::open(folder.path().join("ours.db")))?;
        let pokemons = EventStore::<Pokemon>::new(storage.clone());
        let connection = open_raw(&folder.path().join("raw.db"), "NORMAL")?;
        connection.execute_batch("BEGIN")?;
        let mut group = Vec::new();
        for version in 1..=events {
            let (payload, event_type, json) = if version == 1 || version % 10 == 0 {
                let json = r#"{"name":"Pikachu, the electric mouse","level":5}"#;
                (appeared(5), "APPEARED", Some(json))
            } else {
                (PokemonEvent::LeveledUp, "LEVELED_UP", None)
            };
            group.push(pokemons.group_event(NewEvent::new("pikachu1", version, payload)));
            connection.prepare_cached(INSERT)?.execute((version as i64, event_type, 0_i64, json))?;
        }
        connection.execute_batch("COMMIT")?;
        runtime.block_on(async { push_event_group(group).await })?;

        report.case(
            &format!("sqlite: load {events} events, state only"),
            "",
            &mut || {
                Ok(timed(loads, || {
                    runtime.block_on(async {
                        for _ in 0..loads {
                            assert!(pokemons.get_aggregate("pikachu1").without_events().await.is_ok());
                        }
                    });
                }))
            },
            "rusqlite select + serde_json",
            &mut || {
                let mut select = connection.prepare_cached(
                    "SELECT version, type, timestamp, payload FROM event
                     WHERE event_store_id = 'POKEMONS' AND aggregate_id = ?1 ORDER BY version",
                )?;
                let mut load = || -> Result<u32, Failure> {
                    let mut rows = select.query(["pikachu1"])?;
                    let mut level = 0;
                    while let Some(row) = rows.next()? {
                        level = match row.get_ref(1)?.as_str()? {
                            "APPEARED" => serde_json::from_str::<Appeared>(row.get_ref(3)?.as_str()?)?.level,
                            _ => level + 1,
                        };
                    }
                    Ok(level)
                };
                Ok(timed(loads, || (0..loads).map(|_| load().is_ok()).filter(|ok| *ok).count()))
            },
        )?;
        runtime.block_on(storage.shutdown());
    }
    Ok(())
}
