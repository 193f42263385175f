//! Random writers of all kinds, and readers that follow the log: no event is skipped or read twice, and the events of
//! an aggregate are read in order.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use castore_core::log::{EventLog, LogFilter, LogQuery};
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, GroupedRawEvent, StorageError};
use castore_postgres::PostgresEventStorageAdapter;
use castore_postgres::tokio_postgres::Client;

use super::{ORIGINAL, all};
use crate::support::{FORCE, NO_FORCE, Schema, connect, event, quote, with};

const RUNS_FOR: Duration = Duration::from_secs(8);
/// The maximum duration of the test. On a slow machine, the test runs until enough events are stored.
const AT_MOST: Duration = Duration::from_secs(60);
const ENOUGH: u64 = 300;
const STORES: [&str; 2] = ["STORE", "OTHER"];

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    async fn pause(&mut self, up_to_millis: u64) {
        let micros = self.below(up_to_millis * 1_000);
        tokio::time::sleep(Duration::from_micros(micros)).await;
    }

    fn store(&mut self) -> &'static str {
        STORES[usize::try_from(self.below(2)).unwrap()]
    }

    /// Returns one of a few aggregates, so that writers conflict.
    fn aggregate(&mut self) -> String {
        format!("aaaaaaaa-aaaa-4aaa-8aaa-{:012}", self.below(12))
    }
}

struct World {
    began: Instant,
    /// The number of events that the adapters stored, except events that may have replaced other events.
    stored: AtomicU64,
    stop: AtomicBool,
    url: String,
    schema: String,
    prepared: AtomicU64,
}

impl World {
    fn goes_on(&self) -> bool {
        let elapsed = self.began.elapsed();
        elapsed < RUNS_FOR || (elapsed < AT_MOST && self.stored.load(Ordering::Relaxed) <= ENOUGH)
    }

    async fn connect(&self) -> Client {
        let client = connect(&self.url).await;
        client.batch_execute(&format!("SET search_path TO {}", quote(&self.schema))).await.unwrap();
        client
    }
}

/// Pushes, groups and forced pushes through an adapter.
async fn pushes(world: Arc<World>, adapter: PostgresEventStorageAdapter, mut random: Random) {
    while world.goes_on() {
        let force = random.one_in(6);
        let options = if force { FORCE } else { NO_FORCE };
        let mut group = Vec::new();
        for _ in 0..if random.one_in(3) { 1 + random.below(5) } else { 1 } {
            let (store, aggregate) = (random.store(), random.aggregate());
            if group
                .iter()
                .any(|one: &GroupedRawEvent| one.event_store_id == store && one.event.aggregate_id == aggregate)
            {
                continue;
            }
            let last = GetEventsOptions::default().limit(1).reverse(true);
            let last = adapter.get_events(store, &aggregate, last).await.unwrap();
            let last = last.first().map_or(0, |event| event.version);
            // Some forced pushes replace a stored event.
            let version = if force && last > 0 && random.one_in(2) { 1 + random.below(last) } else { last + 1 };
            group.push(GroupedRawEvent::new(Arc::new(adapter.clone()), store, event(&aggregate, version)));
        }
        let new = if force { 0 } else { u64::try_from(group.len()).unwrap() };
        let pushed = match <[_; 1]>::try_from(group) {
            Ok([one]) => adapter.push_event(one.event_store_id, one.event, options).await.map(drop),
            Err(group) => adapter.push_event_group(group, options).await.map(drop),
        };
        match pushed {
            Ok(()) => {
                world.stored.fetch_add(new, Ordering::Relaxed);
            }
            // The transactions of other programs take locks in any order.
            Err(StorageError::EventAlreadyExists(_) | StorageError::Engine(_)) => {}
            Err(error) => panic!("{error}"),
        }
        random.pause(2).await;
    }
}

/// Simulates other programs: transactions of any length, in plain SQL.
async fn foreign(world: Arc<World>, mut random: Random) {
    let client = world.connect().await;
    // By default, a deadlock is detected after one second.
    client.batch_execute("SET deadlock_timeout = '10ms'").await.unwrap();
    while world.goes_on() {
        // Errors (a taken version, a deadlock) end in a rollback. They are expected.
        if transaction(&world, &client, &mut random).await.is_err() {
            client.batch_execute("ROLLBACK").await.unwrap();
        }
        random.pause(3).await;
    }
}

async fn transaction(
    world: &World,
    client: &Client,
    random: &mut Random,
) -> Result<(), castore_postgres::tokio_postgres::Error> {
    client.batch_execute("BEGIN").await?;
    if random.one_in(3) {
        // The transaction id is older than the transaction's reads and writes.
        client.batch_execute("SELECT pg_current_xact_id()").await?;
        random.pause(20).await;
    }
    for _ in 0..1 + random.below(3) {
        let savepoint = random.one_in(4);
        if savepoint {
            client.batch_execute("SAVEPOINT here").await?;
        }
        let (store, aggregate) = (random.store(), random.aggregate());
        client
            .batch_execute(&format!(
                "INSERT INTO event (aggregate_name, aggregate_id, version, type, data)
                 SELECT '{store}', '{aggregate}', coalesce(max(version), 0) + 1, 'FOREIGN', '{{}}'
                 FROM event WHERE aggregate_name = '{store}' AND aggregate_id = '{aggregate}'"
            ))
            .await?;
        if savepoint && random.one_in(2) {
            client.batch_execute("ROLLBACK TO here").await?;
        }
        if random.one_in(2) {
            random.pause(15).await;
        }
    }
    match random.below(8) {
        0 => client.batch_execute("ROLLBACK").await,
        1 | 2 => {
            let name = format!("{} {}", world.schema, world.prepared.fetch_add(1, Ordering::Relaxed));
            client.batch_execute(&format!("PREPARE TRANSACTION '{name}'")).await?;
            random.pause(60).await;
            let end = if random.one_in(4) { "ROLLBACK" } else { "COMMIT" };
            client.batch_execute(&format!("{end} PREPARED '{name}'")).await.unwrap();
            Ok(())
        }
        _ => client.batch_execute("COMMIT").await,
    }
}

type Seen = (u64, String, String, u64);

/// Follows the log with pages of random sizes, until it reaches the end of the log after the last writer has finished.
async fn follow(
    world: Arc<World>,
    log: PostgresEventStorageAdapter,
    filter: LogFilter,
    mut random: Random,
) -> Vec<Seen> {
    let (mut seen, mut at) = (Vec::new(), 0);
    loop {
        let is_last = world.stop.load(Ordering::SeqCst);
        let end = log.end().await.unwrap();
        let limit = usize::try_from(1 + random.below(200)).unwrap();
        let page = log.read_after(at, &LogQuery::new(filter.clone(), limit)).await.unwrap();
        assert!(page.scanned_to >= at);
        at = page.scanned_to;
        seen.extend(page.events.iter().map(|entry| {
            let event = &entry.event;
            (entry.position, entry.event_store_id.to_string(), event.aggregate_id.clone(), event.version)
        }));
        if is_last && at >= end.last_position {
            assert_eq!(end.safe_position, end.last_position, "all writers have finished: {end:?}");
            return seen;
        }
        if !page.more {
            random.pause(2).await;
        }
    }
}

/// Reads the events by id, for comparison, without waiting for transactions that may still commit lower ids.
async fn follow_carelessly(world: Arc<World>) -> usize {
    let client = world.connect().await;
    let (mut count, mut at) = (0, 0_i64);
    loop {
        let is_last = world.stop.load(Ordering::SeqCst);
        let rows = client.query("SELECT id FROM event WHERE id > $1 ORDER BY id LIMIT 200", &[&at]).await.unwrap();
        count += rows.len();
        at = rows.last().map_or(at, |row| row.get(0));
        if is_last && rows.is_empty() {
            return count;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_skipped_and_nothing_comes_twice() {
    let schema = Schema::new().await;
    // The table of the original package, and readers with only read privileges: nothing is added to the table.
    schema.run(ORIGINAL).await;
    let (name, role) = (quote(&schema.name), format!("castore_reader_{}", schema.name));
    schema
        .run(&format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {name} TO {role};
             GRANT SELECT ON event, event_id_seq TO {role}"
        ))
        .await;
    let world = Arc::new(World {
        began: Instant::now(),
        stored: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        url: schema.url().to_owned(),
        schema: schema.name.clone(),
        prepared: AtomicU64::new(0),
    });
    let seed = u64::from(std::process::id()) << 20 | 0xca5_704e;
    println!("seed {seed}");
    let mut seeds = Random(seed);
    let mut random = || Random(seeds.next() | 1);

    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let adapter = schema.open(schema.builder()).await;
        for _ in 0..3 {
            writers.spawn(pushes(Arc::clone(&world), adapter.clone(), random()));
        }
    }
    for _ in 0..8 {
        writers.spawn(foreign(Arc::clone(&world), random()));
    }
    let reader_url = with(schema.url(), "user", &role);
    let reader = schema.builder().pool_size(2);
    let shared = reader.clone().connect(&reader_url).await.unwrap();
    let own = reader.connect(&reader_url).await.unwrap();
    let mut readers = Vec::new();
    for log in [&shared, &shared, &shared, &own] {
        readers.push((None, tokio::spawn(follow(Arc::clone(&world), log.clone(), LogFilter::all(), random()))));
    }
    for log in [&shared, &own] {
        let filter = LogFilter::none().event_store_id(STORES[1]);
        readers.push((Some(STORES[1]), tokio::spawn(follow(Arc::clone(&world), log.clone(), filter, random()))));
    }
    let careless = tokio::spawn(follow_carelessly(Arc::clone(&world)));

    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    world.stop.store(true, Ordering::SeqCst);
    let rows = schema
        .client
        .query("SELECT id, aggregate_name, aggregate_id::text, version FROM event ORDER BY id", &[])
        .await
        .unwrap();
    let unsigned = |value: i64| u64::try_from(value).unwrap();
    let stored: Vec<Seen> =
        rows.iter().map(|row| (unsigned(row.get(0)), row.get(1), row.get(2), unsigned(row.get(3)))).collect();
    assert!(stored.len() as u64 > ENOUGH, "only {} events were stored", stored.len());
    for (store, reader) in readers {
        let seen = reader.await.unwrap();
        let expected: Vec<&Seen> = stored.iter().filter(|one| store.is_none_or(|store| one.1 == store)).collect();
        let missed: Vec<_> = expected.iter().filter(|one| seen.binary_search(one).is_err()).take(5).collect();
        assert!(seen.is_sorted(), "positions must grow");
        assert_eq!(seen.len(), expected.len(), "of {} stored events, missed for example {missed:?}", expected.len());
        assert!(missed.is_empty(), "{missed:?}");
        let mut last = HashMap::new();
        for (position, store, aggregate, version) in seen {
            let before = last.insert((store, aggregate), version).unwrap_or(0);
            assert!(version > before, "version {version} at {position} after version {before}");
        }
    }
    // If the careless reader saw all events, the writers did not conflict enough for a meaningful test.
    let careless = careless.await.unwrap();
    println!("{} events, of which a careless reader saw {careless}", stored.len());
    assert!(careless < stored.len(), "even a careless reader missed nothing");
    shared.close();
    own.close();
    assert_eq!(shared.read_after(0, &all(1)).await.unwrap_err().to_string(), StorageError::ShutDown.to_string());
    schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}
