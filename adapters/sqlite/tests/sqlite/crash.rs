//! Repeatedly kills a process that pushes under load to one file: all pushes that it acknowledged must be stored, and
//! no group may be stored partially.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use castore_core::storage::{EventStorageAdapter, PushOptions};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};

use crate::support::{child, grouped, integrity, place, push};

const PATH: &str = "CASTORE_SQLITE_CRASH_PATH";
const ROUND: &str = "CASTORE_SQLITE_CRASH_ROUND";
const ROUNDS: u64 = 16;
const PARTS: [&str; 3] = ["x", "y", "z"];

/// The program of the processes that are killed.
#[test]
fn process() {
    let (Ok(path), Ok(round)) = (std::env::var(PATH), std::env::var(ROUND)) else {
        return;
    };
    let synchronous = match round.parse::<u64>().unwrap() % 2 {
        0 => Synchronous::Full,
        _ => Synchronous::Normal,
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let adapter = SqliteEventStorageAdapter::builder(path).synchronous(synchronous).open().await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..12 {
            tasks.spawn(singles(adapter.clone(), format!("{round}-s{task}")));
        }
        for task in 0..4 {
            tasks.spawn(groups(adapter.clone(), format!("{round}-g{task}")));
        }
        tasks.join_all().await;
    });
}

async fn singles(adapter: SqliteEventStorageAdapter, id: String) {
    for version in 1.. {
        push(&adapter, &id, version).await.unwrap();
        acknowledge(&id, version);
    }
}

async fn groups(adapter: SqliteEventStorageAdapter, id: String) {
    for version in 1.. {
        let group = PARTS.map(|part| grouped(&adapter, &format!("{id}{part}"), version)).into();
        adapter.push_event_group(group, PushOptions::default()).await.unwrap();
        for part in PARTS {
            acknowledge(&format!("{id}{part}"), version);
        }
    }
}

/// Reports a stored version with a single write, which reaches the pipe as a whole or not at all.
fn acknowledge(id: &str, version: u64) {
    std::io::stderr().write_all(format!("ack {id} {version}\n").as_bytes()).unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_survives_kills() {
    let place = place();
    let path = place.path.to_str().unwrap().to_owned();
    // The last acknowledged version of each aggregate.
    let mut acknowledged = HashMap::<String, u64>::new();
    let mut count = 0;
    for round in 0..ROUNDS {
        let mut process = child("crash::process", &[(PATH, &path), (ROUND, &round.to_string())])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        // The process is killed at a different moment each time, but not before it has begun to push.
        let patience = Duration::from_millis(5 + round * 37 % 120);
        let mut begun = None;
        let mut killed = false;
        let mut of_round = 0;
        for line in lines {
            let Ok(line) = line else { break };
            let Some((id, version)) = line.strip_prefix("ack ").and_then(|ack| ack.split_once(' ')) else {
                assert!(killed, "{line}");
                continue;
            };
            acknowledged.insert(id.to_owned(), version.parse().unwrap());
            count += 1;
            of_round += 1;
            let begun = *begun.get_or_insert_with(Instant::now);
            if !killed && of_round > 20 && begun.elapsed() >= patience {
                process.kill().unwrap();
                killed = true;
            }
        }
        assert!(killed && !process.wait().unwrap().success());
        if round % 4 == 3 {
            // In the other rounds, the next process opens the file as the killed process left it.
            check(&place.raw(), &acknowledged);
        }
    }
    let adapter = place.open().await;
    check(&place.raw(), &acknowledged);
    adapter.shutdown().await;
    assert!(count > ROUNDS * 20, "only {count} pushes: that was no load");
}

fn check(raw: &rusqlite::Connection, acknowledged: &HashMap<String, u64>) {
    assert_eq!(integrity(raw), "ok");
    let mut statement = raw
        .prepare("SELECT aggregate_id, min(version), max(version), count(*) FROM event GROUP BY aggregate_id")
        .unwrap();
    let stored: HashMap<String, u64> = statement
        .query_map([], |row| {
            let (id, first, last, count): (String, u64, u64, u64) =
                (row.get(0)?, row.get::<_, i64>(1)? as u64, row.get::<_, i64>(2)? as u64, row.get::<_, i64>(3)? as u64);
            assert_eq!((first, last), (1, count), "{id} has gaps");
            Ok((id, last))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (id, version) in acknowledged {
        assert!(stored.get(id) >= Some(version), "{id}: {version} was acknowledged");
    }
    for (id, version) in &stored {
        if let Some(group) = id.strip_suffix(PARTS[0]) {
            for part in PARTS {
                assert_eq!(stored.get(&format!("{group}{part}")), Some(version), "a part of a group of {group}");
            }
        }
    }
}
