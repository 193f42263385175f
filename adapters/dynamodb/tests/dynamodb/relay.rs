//! The relay, tested with the emulator.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{AttributeValue, StreamSpecification, StreamViewType};
use aws_sdk_dynamodbstreams::Client as StreamsClient;
use castore::prelude::*;
use castore_core::storage::{EventStorageAdapter, PushOptions};
use castore_dynamodb::{
    CreateTableOptions, DynamoDbEventStorageAdapter, DynamoDbRelay, DynamoDbRelayBuilder, DynamoDbRelayError,
    DynamoDbRelayStart, OnGap, RelayRole, StreamError,
};

use crate::broker::{Broker, Verdict};
use crate::domain::{AppBus, CounterEvent, Stores};
use crate::support::{TABLE, clients_of, event, new_account, with_rewrites};

pub(crate) const RELAYS: &str = "relays";

/// A table with a stream, a table for relays, event stores, and a bus with a broker.
pub(crate) struct World {
    pub(crate) storage: DynamoDbEventStorageAdapter,
    pub(crate) streams: StreamsClient,
    pub(crate) stores: Stores,
    bus: AppBus,
    pub(crate) broker: Broker<AppBus>,
    client: aws_sdk_dynamodb::Client,
    pub(crate) account: String,
}

impl World {
    async fn new() -> Self {
        Self::with(false, Duration::ZERO).await
    }

    pub(crate) async fn with(holds_back: bool, delay: Duration) -> Self {
        let account = new_account();
        let (client, streams) = clients_of(&account);
        let storage = with_rewrites(client.clone());
        storage.create_event_table(streamed()).await.unwrap();
        storage.create_rewrites_table().await.unwrap();
        DynamoDbRelay::create_relay_table(&storage, RELAYS).await.unwrap();
        let stores = Stores::new(&storage);
        let bus = AppBus::default();
        let broker = Broker::attach_as(&bus, holds_back, delay);
        Self { storage, streams, stores, bus, broker, client, account }
    }

    /// Returns a builder for a relay with short delays.
    pub(crate) fn builder(&self) -> DynamoDbRelayBuilder<AppBus> {
        fast(DynamoDbRelay::builder(self.bus.clone())).publish(&self.stores.counters).publish(&self.stores.notes)
    }

    pub(crate) async fn start(&self, start: DynamoDbRelayStart) -> DynamoDbRelay {
        self.builder().start(&self.storage, self.streams.clone(), RELAYS, start).await.unwrap()
    }
}

/// The lease is long, so that a slow machine does not lose it. For short leases, see [`with_lease`].
fn fast<C: MessageChannel>(builder: DynamoDbRelayBuilder<C>) -> DynamoDbRelayBuilder<C> {
    builder
        .poll_interval(Duration::from_millis(20))
        .lease(Duration::from_secs(10))
        .publish_timeout(Duration::from_secs(5))
        .outage_backoff(Duration::from_millis(5), Duration::from_millis(40))
        .parked_backoff(Duration::from_millis(20), Duration::from_millis(60))
}

/// Sets the lease for tests in which it expires, or would expire without heartbeats.
fn with_lease<C: MessageChannel>(builder: DynamoDbRelayBuilder<C>, lease: Duration) -> DynamoDbRelayBuilder<C> {
    builder.lease(lease).publish_timeout(lease * 3 / 5)
}

/// Waits until the condition holds.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(20);
    while !is_so().await {
        assert!(Instant::now() < give_up, "it never was so: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(crate) fn versions(last: u64) -> Vec<u64> {
    (1..=last).collect()
}

#[tokio::test]
async fn what_is_stored_is_published_in_the_order_of_each_aggregate() {
    for holds_back in [false, true] {
        let world = World::with(holds_back, Duration::ZERO).await;
        world.stores.count("a", 1..=5).await;
        let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
        world.stores.note("n", 1).await;
        // This event belongs to a store that is not published.
        world.storage.push_event("STRANGERS", event("x", 1), PushOptions::default()).await.unwrap();
        let group = (
            world.stores.counters.group_event(NewEvent::new("a".to_owned(), 6, CounterEvent::Counted(6))),
            world.stores.counters.group_event(NewEvent::new("b".to_owned(), 1, CounterEvent::Counted(1))),
        );
        push_event_group(group).await.unwrap();
        world.broker.until(8).await;
        let firsts = world.broker.first_deliveries();
        assert_eq!((&firsts["a"], &firsts["b"], &firsts["n"]), (&versions(6), &versions(1), &versions(1)));
        assert_eq!(world.broker.names().len(), 8, "each once");
        let status = relay.status();
        assert_eq!((status.role, status.parked, status.outage), (RelayRole::Leader, 0, None));
        relay.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn a_restarted_relay_continues_from_its_checkpoint() {
    let world = World::new().await;
    let mut stored = 0;
    for (round, start) in [
        DynamoDbRelayStart::TrimHorizon,
        DynamoDbRelayStart::Now,
        DynamoDbRelayStart::Beginning,
        DynamoDbRelayStart::TrimHorizon,
    ]
    .into_iter()
    .enumerate()
    {
        world.stores.count("a", stored + 1..=stored + 3).await;
        stored += 3;
        let relay = world.start(start).await;
        world.broker.until(usize::try_from(stored).unwrap()).await;
        let watch = relay.status_changes();
        relay.shutdown().await.unwrap();
        assert_eq!(watch.borrow().role, RelayRole::Stopped, "{round}");
    }
    assert_eq!(world.broker.first_deliveries()["a"], versions(12));
    assert_eq!(world.broker.names().len(), 12, "none twice: {:?}", world.broker.names());
}

#[tokio::test]
async fn start_now_publishes_events_that_are_stored_after_the_start() {
    let world = World::new().await;
    world.stores.count("old", 1..=2).await;
    // Events of the last moments before the start may be published, too.
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let relay = world.start(DynamoDbRelayStart::Now).await;
    world.stores.count("new", 1..=2).await;
    world.broker.until(2).await;
    assert_eq!(world.broker.names(), ["new1", "new2"]);
    relay.shutdown().await.unwrap();
}

/// A relay in a separate runtime, which can be paused and killed like a process.
struct Process {
    runtime: Option<tokio::runtime::Runtime>,
    relay: DynamoDbRelay,
}

impl Process {
    fn start(world: &Arc<World>, owner: &'static str, batch_size: usize, lease: Duration) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let world = world.clone();
        runtime.spawn(async move {
            // Connections belong to a runtime, and are closed with it.
            let (client, streams) = clients_of(&world.account);
            let storage = with_rewrites(client);
            let builder = with_lease(world.builder(), lease).owner(owner).batch_size(batch_size);
            let started = builder.start(&storage, streams, RELAYS, DynamoDbRelayStart::TrimHorizon);
            sender.send(started.await.unwrap()).unwrap();
        });
        let relay = receiver.recv().unwrap();
        Self { runtime: Some(runtime), relay }
    }

    fn kill(mut self) {
        self.runtime.take().unwrap().shutdown_timeout(Duration::ZERO);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_takes_over_from_one_that_dies() {
    let world = Arc::new(World::with(false, Duration::from_millis(10)).await);
    world.stores.count("a", 1..=40).await;
    let start = |owner: &'static str| {
        let world = world.clone();
        tokio::task::spawn_blocking(move || Process::start(&world, owner, 10, Duration::from_secs(5)))
    };
    let one = start("one").await.unwrap();
    world.broker.until(15).await;
    let other = start("other").await.unwrap();
    until("the other stands by", async || {
        other.relay.status().role == RelayRole::Standby { owner: Some("one".to_owned()) }
    })
    .await;
    tokio::task::spawn_blocking(move || one.kill()).await.unwrap();
    world.broker.until(40).await;
    until("the other leads", async || other.relay.status().role == RelayRole::Leader).await;
    assert_eq!(world.broker.first_deliveries()["a"], versions(40));
    let twice = world.broker.names().len() - 40;
    assert!(twice <= 10, "at most one batch is published again: {twice}");
    tokio::task::spawn_blocking(move || other.kill()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_was_paused_past_its_lease_writes_nothing_any_more() {
    let world = Arc::new(World::new().await);
    world.stores.count("a", 1..=9).await;
    // The broker pauses the first process in the middle of a batch.
    let paused = Arc::new(AtomicBool::new(false));
    let resumed = Arc::new(AtomicBool::new(false));
    let (pauses, resumes) = (paused.clone(), resumed.clone());
    world.broker.judge(move |_, version| {
        if version == 5 && !pauses.swap(true, Ordering::SeqCst) {
            let give_up = Instant::now() + Duration::from_secs(60);
            while !resumes.load(Ordering::SeqCst) && Instant::now() < give_up {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        Verdict::Take
    });
    let start = |owner: &'static str| {
        let world = world.clone();
        tokio::task::spawn_blocking(move || Process::start(&world, owner, 100, Duration::from_secs(3)))
    };
    let one = start("one").await.unwrap();
    until("it is paused", async || paused.load(Ordering::SeqCst)).await;
    let other = start("other").await.unwrap();
    until("the other leads", async || other.relay.status().role == RelayRole::Leader).await;
    resumed.store(true, Ordering::SeqCst);
    until("the first knows", async || one.relay.status().last_error.is_some_and(|error| error.contains("lease"))).await;
    world.stores.count("a", 10..=20).await;
    world.broker.until(20).await;
    assert_eq!(world.broker.first_deliveries()["a"], versions(20));
    until("the first stands by", async || {
        one.relay.status().role == RelayRole::Standby { owner: Some("other".to_owned()) }
    })
    .await;
    assert_eq!(other.relay.status().role, RelayRole::Leader);
    tokio::task::spawn_blocking(move || (one.kill(), other.kill())).await.unwrap();
}

/// Returns the stored lease of the relay.
pub(crate) async fn lease(world: &World) -> HashMap<String, AttributeValue> {
    let request = world
        .client
        .get_item()
        .table_name(RELAYS)
        .key("relay", AttributeValue::S(<AppBus as MessageChannel>::ID.to_owned()))
        .key("item", AttributeValue::S("lease".to_owned()))
        .consistent_read(true);
    request.send().await.unwrap().item.unwrap()
}

/// Returns the number of times that the lease was taken, according to its token.
async fn terms(world: &World) -> usize {
    lease(world).await["token"].as_n().unwrap().parse().unwrap()
}

/// Two processes are killed at random while events are stored. For half of the time, the broker rejects the messages of
/// one aggregate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_no_order_is_broken_however_often_processes_die() {
    const AGGREGATES: u64 = 6;
    const EVENTS: u64 = 30;
    const BATCH: usize = 10;
    let world = Arc::new(World::with(false, Duration::from_millis(2)).await);
    world.broker.judge(|id, version| if id == "k0" && version >= 5 { Verdict::Refuse } else { Verdict::Take });
    let stored = Arc::new(AtomicBool::new(false));
    let pusher = tokio::spawn({
        let (world, stored) = (world.clone(), stored.clone());
        async move {
            for version in 1..=EVENTS {
                for aggregate in 0..AGGREGATES {
                    world.stores.count(&format!("k{aggregate}"), version..=version).await;
                    tokio::time::sleep(Duration::from_millis(15)).await;
                }
                if version == EVENTS / 2 {
                    world.broker.heal();
                }
            }
            stored.store(true, Ordering::SeqCst);
        }
    });
    let start = |owner: &'static str| {
        let world = world.clone();
        tokio::task::spawn_blocking(move || Process::start(&world, owner, BATCH, Duration::from_secs(1)))
    };
    let mut processes = vec![start("one").await.unwrap(), start("other").await.unwrap()];
    let mut kills = 0;
    while !stored.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(fastrand::u64(100..1_200))).await;
        let killed = processes.swap_remove(fastrand::usize(..processes.len()));
        tokio::task::spawn_blocking(move || killed.kill()).await.unwrap();
        kills += 1;
        processes.push(start("another").await.unwrap());
    }
    pusher.await.unwrap();
    let all = AGGREGATES * EVENTS;
    world.broker.until(usize::try_from(all).unwrap()).await;
    let firsts = world.broker.first_deliveries();
    for aggregate in 0..AGGREGATES {
        assert_eq!(firsts[&format!("k{aggregate}")], versions(EVENTS));
    }
    // Events of parked aggregates are published from the table, and then again from the stream.
    let of_others = world.broker.names().iter().filter(|name| !name.starts_with("k0")).count();
    let twice = of_others - usize::try_from((AGGREGATES - 1) * EVENTS).unwrap();
    // On a slow machine, the lease may also be lost without a kill. A term is the time during which a process holds the
    // lease. Only the records of the last term are not read again.
    let terms = terms(&world).await;
    assert!(twice <= (terms - 1) * BATCH, "{twice} twice, in {terms} terms, after {kills} kills");
    tokio::task::spawn_blocking(move || processes.into_iter().for_each(Process::kill)).await.unwrap();
}

#[tokio::test]
async fn what_can_never_be_published_is_parked_with_what_comes_after_it() {
    for holds_back in [false, true] {
        let world = World::with(holds_back, Duration::ZERO).await;
        world.broker.judge(|id, version| if (id, version) == ("a", 2) { Verdict::Refuse } else { Verdict::Take });
        world.stores.count("a", 1..=4).await;
        world.stores.count("b", 1..=3).await;
        let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
        world.broker.until(4).await;
        until("it is parked", async || relay.status().parked == 1).await;
        // The later events of the aggregate wait, too, and another process sees the parked aggregate.
        world.stores.count("a", 5..=5).await;
        world.stores.count("b", 4..=4).await;
        world.broker.until(5).await;
        let parked = relay.parked().await.unwrap();
        let [row] = &parked[..] else { panic!("{parked:?}") };
        assert_eq!((&*row.event_store_id, &*row.aggregate_id, row.next_version), ("COUNTERS", "a", 2));
        assert_eq!((&*row.error, row.dropped), ("refused", false));
        until("it is tried again", async || relay.parked().await.unwrap()[0].attempts > 2).await;
        let firsts = world.broker.first_deliveries();
        assert_eq!((&firsts["a"], &firsts["b"]), (&versions(1), &versions(4)));
        // The aggregate stays parked when the relay is restarted.
        relay.shutdown().await.unwrap();
        let relay = world.start(DynamoDbRelayStart::Now).await;
        until("it is still parked", async || relay.status().parked == 1).await;
        world.broker.heal();
        assert!(relay.retry("COUNTERS", "a").await.unwrap());
        world.broker.until(9).await;
        until("it is free", async || relay.status().parked == 0).await;
        assert!(relay.parked().await.unwrap().is_empty());
        assert!(!relay.retry("COUNTERS", "a").await.unwrap());
        world.stores.count("a", 6..=6).await;
        world.broker.until(10).await;
        assert_eq!(world.broker.first_deliveries()["a"], versions(6));
        relay.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn a_message_can_be_given_up() {
    let world = World::new().await;
    world.broker.judge(|_, version| if [2, 4].contains(&version) { Verdict::Refuse } else { Verdict::Take });
    world.stores.count("a", 1..=5).await;
    let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
    until("it is parked", async || relay.status().parked == 1).await;
    assert!(!relay.drop_message("COUNTERS", "a", 3).await.unwrap(), "it is not parked for that one");
    assert!(!relay.drop_message("COUNTERS", "b", 2).await.unwrap());
    assert!(relay.drop_message("COUNTERS", "a", 2).await.unwrap());
    until("it is parked for the next", async || {
        relay.parked().await.unwrap().first().is_some_and(|row| row.next_version == 4 && !row.dropped)
    })
    .await;
    assert_eq!(world.broker.first_deliveries()["a"], [1, 3]);
    assert!(relay.drop_message("COUNTERS", "a", 4).await.unwrap());
    world.broker.until(3).await;
    until("it is free", async || relay.status().parked == 0).await;
    assert_eq!(world.broker.first_deliveries()["a"], [1, 3, 5]);
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_outage_parks_nothing_and_loses_nothing() {
    for verdict in [Verdict::BreakOff, Verdict::NotNow] {
        let world = World::new().await;
        world.stores.count("a", 1..=3).await;
        world.broker.judge(move |_, version| if version >= 2 { verdict } else { Verdict::Take });
        let builder = with_lease(world.builder(), Duration::from_secs(4));
        let start = builder.start(&world.storage, world.streams.clone(), RELAYS, DynamoDbRelayStart::TrimHorizon);
        let relay = start.await.unwrap();
        until("there is an outage", async || relay.status().outage.is_some()).await;
        world.stores.count("a", 4..=4).await;
        world.stores.count("b", 1..=2).await;
        // The outage lasts longer than the lease, so the relay must extend the lease during the outage.
        tokio::time::sleep(Duration::from_millis(4_500)).await;
        assert_eq!(relay.status().role, RelayRole::Leader);
        assert!(relay.parked().await.unwrap().is_empty());
        assert_eq!(world.broker.names(), ["a1"]);
        world.broker.heal();
        world.broker.until(6).await;
        until("it is over", async || relay.status().outage.is_none()).await;
        let firsts = world.broker.first_deliveries();
        assert_eq!((&firsts["a"], &firsts["b"]), (&versions(4), &versions(2)));
        relay.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn a_relay_in_an_outage_ends_when_asked_to() {
    let world = World::new().await;
    world.stores.count("a", 1..=3).await;
    world.broker.judge(|_, _| Verdict::BreakOff);
    let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
    until("there is an outage", async || relay.status().outage.is_some()).await;
    relay.shutdown().await.unwrap();
    world.broker.heal();
    let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
    world.broker.until(3).await;
    relay.shutdown().await.unwrap();
}

/// Returns a world whose table had no stream while events were stored.
async fn without_stream() -> (aws_sdk_dynamodb::Client, World) {
    let account = new_account();
    let (client, streams) = clients_of(&account);
    let storage = DynamoDbEventStorageAdapter::new(client.clone(), TABLE);
    storage.create_event_table(CreateTableOptions::default()).await.unwrap();
    DynamoDbRelay::create_relay_table(&storage, RELAYS).await.unwrap();
    let (stores, bus) = (Stores::new(&storage), AppBus::default());
    let broker = Broker::attach(&bus);
    (client.clone(), World { storage, streams, stores, bus, broker, client, account })
}

fn streamed() -> CreateTableOptions {
    CreateTableOptions::default().stream(StreamViewType::NewImage)
}

#[tokio::test]
async fn a_backfill_publishes_all_stored_events_and_continues_with_the_stream() {
    let (_, world) = without_stream().await;
    for aggregate in 0..7 {
        world.stores.count(&format!("c{aggregate}"), 1..=5).await;
    }
    world.stores.note("n", 1).await;
    world.storage.create_event_table(streamed()).await.unwrap();
    world.broker.judge(|id, version| if (id, version) == ("c3", 3) { Verdict::Refuse } else { Verdict::Take });
    let builder = world.builder().batch_size(2);
    let relay = builder.start(&world.storage, world.streams.clone(), RELAYS, DynamoDbRelayStart::Beginning);
    let relay = relay.await.unwrap();
    world.broker.until(33).await;
    until("it is done", async || !relay.status().is_backfilling).await;
    world.stores.count("c0", 6..=7).await;
    world.stores.note("n", 2).await;
    world.broker.until(36).await;
    world.broker.heal();
    world.broker.until(39).await;
    let firsts = world.broker.first_deliveries();
    assert_eq!((&firsts["c0"], &firsts["c3"], &firsts["n"]), (&versions(7), &versions(5), &versions(2)));
    // The backfill is not repeated.
    relay.shutdown().await.unwrap();
    let before = world.broker.names().len();
    let relay = world.start(DynamoDbRelayStart::Beginning).await;
    world.stores.note("n", 3).await;
    world.broker.until(40).await;
    assert!(world.broker.names().len() <= before + 1, "{:?}", world.broker.names());
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_backfill_continues() {
    let (_, world) = without_stream().await;
    for aggregate in 0..5 {
        world.stores.count(&format!("c{aggregate}"), 1..=3).await;
    }
    world.storage.create_event_table(streamed()).await.unwrap();
    world.broker.judge(|id, _| if id == "c2" { Verdict::BreakOff } else { Verdict::Take });
    let relay = world.start(DynamoDbRelayStart::Beginning).await;
    until("there is an outage", async || relay.status().outage.is_some()).await;
    assert!(relay.status().is_backfilling);
    relay.shutdown().await.unwrap();
    world.broker.heal();
    let relay = world.start(DynamoDbRelayStart::Now).await;
    world.broker.until(15).await;
    until("it is done", async || !relay.status().is_backfilling).await;
    for aggregate in 0..5 {
        assert_eq!(world.broker.first_deliveries()[&format!("c{aggregate}")], versions(3));
    }
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn with_another_stream_it_stops_or_does_the_configured_backfill() {
    let (client, world) = without_stream().await;
    world.storage.create_event_table(streamed()).await.unwrap();
    world.stores.count("a", 1..=2).await;
    let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
    world.broker.until(2).await;
    relay.shutdown().await.unwrap();
    let off = StreamSpecification::builder().stream_enabled(false).build().unwrap();
    client.update_table().table_name(TABLE).stream_specification(off).send().await.unwrap();
    // These events are in neither stream.
    world.stores.count("a", 3..=4).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    world.storage.create_event_table(streamed()).await.unwrap();
    world.stores.count("a", 5..=5).await;
    for _ in 0..2 {
        let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
        let error = relay.finished().await.unwrap_err();
        let DynamoDbRelayError::Stream { source, .. } = &*error else { panic!("{error:?}") };
        assert!(matches!(**source, StreamError::OtherStream { .. }) && source.is_gap(), "{error:?}");
        assert_eq!(world.broker.names(), ["a1", "a2"]);
    }
    let builder = world.builder().on_gap(OnGap::Backfill);
    let start = builder.start(&world.storage, world.streams.clone(), RELAYS, DynamoDbRelayStart::TrimHorizon);
    let relay = start.await.unwrap();
    world.broker.until(5).await;
    world.stores.count("a", 6..=6).await;
    world.broker.until(6).await;
    assert_eq!(world.broker.first_deliveries()["a"], versions(6));
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn state_carrying_messages_carry_the_state_at_their_event() {
    let world = World::new().await;
    let bus = world.stores.state_bus();
    let broker = Broker::attach(&bus);
    world.stores.count("a", 1..=4).await;
    // An event that the reducer rejects can never be published.
    world.stores.count_by("p", 1, 1).await;
    world.stores.count_by("p", 2, 13).await;
    let builder = fast(DynamoDbRelay::builder(bus)).publish(&world.stores.counters).publish(&world.stores.notes);
    let start = builder.start(&world.storage, world.streams.clone(), RELAYS, DynamoDbRelayStart::TrimHorizon);
    let relay = start.await.unwrap();
    broker.until(5).await;
    world.stores.count("a", 5..=5).await;
    broker.until(6).await;
    let sums: Vec<_> = broker
        .messages()
        .iter()
        .filter(|message| message["event"]["aggregateId"] == "a")
        .map(|message| message["aggregate"]["sum"].as_u64().unwrap())
        .collect();
    assert_eq!(sums, [1, 3, 6, 10, 15]);
    until("the poison is parked", async || relay.status().parked == 1).await;
    assert!(relay.parked().await.unwrap()[0].error.contains("13 is bad luck"));
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn replaced_events_are_counted_and_other_items_are_parked_or_skipped() {
    let world = World::new().await;
    world.stores.count("a", 1..=2).await;
    let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
    // This push simulates a service that has no rewrites table.
    let foreign = DynamoDbEventStorageAdapter::new(world.client.clone(), TABLE);
    let other = castore_core::storage::RawEvent { payload: None, ..event("a", 1) };
    foreign.push_event("COUNTERS", other, PushOptions::default().force(true)).await.unwrap();
    until("it is counted", async || world.storage.rewrite_count("COUNTERS", "a").await.unwrap() == Some(1)).await;
    world.broker.until(2).await;
    // These items have no type and timestamp, and belong to aggregates of a published store.
    let damaged = |id: &str| {
        world
            .client
            .put_item()
            .table_name(TABLE)
            .item("aggregateId", AttributeValue::S(id.to_owned()))
            .item("version", AttributeValue::N("2".to_owned()))
            .send()
    };
    world.stores.count("d", 1..=1).await;
    world.broker.until(3).await;
    damaged("COUNTERS#d").await.unwrap();
    damaged("no store").await.unwrap();
    world.stores.count("d", 3..=3).await;
    world.stores.count("e", 1..=1).await;
    world.broker.until(4).await;
    until("it is parked", async || relay.status().parked == 1).await;
    assert_eq!(world.broker.first_deliveries()["d"], [1]);
    assert_eq!(relay.parked().await.unwrap()[0].next_version, 2);
    assert!(relay.drop_message("COUNTERS", "d", 2).await.unwrap());
    world.broker.until(5).await;
    assert_eq!(world.broker.first_deliveries()["d"], [1, 3]);
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_push_wakes_the_relay_of_its_process() {
    let world = World::new().await;
    let builder = world.builder().poll_interval(Duration::from_secs(30)).lease(Duration::from_secs(300));
    let start = builder.start(&world.storage, world.streams.clone(), RELAYS, DynamoDbRelayStart::TrimHorizon);
    let relay = start.await.unwrap();
    until("it leads", async || relay.status().role == RelayRole::Leader).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let connected = world.stores.counters.connect_via_relay(world.bus.clone());
    let event = NewEvent::new("a".to_owned(), 1, CounterEvent::Counted(1));
    connected.push_event(event).await.unwrap();
    world.broker.until(1).await;
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn relays_that_cannot_be_are_refused() {
    let world = World::new().await;
    let start = |builder: DynamoDbRelayBuilder<AppBus>| {
        builder.start(&world.storage, world.streams.clone(), RELAYS, DynamoDbRelayStart::Now)
    };
    let error = start(fast(DynamoDbRelay::builder(world.bus.clone()))).await.unwrap_err();
    assert!(matches!(error, DynamoDbRelayError::NoEventStore { .. }), "{error:?}");
    let error = start(world.builder().publish(&world.stores.notes)).await.unwrap_err();
    assert!(matches!(error, DynamoDbRelayError::SameEventStoreTwice { event_store_id: "NOTES", .. }), "{error:?}");
    for builder in [
        world.builder().name(""),
        world.builder().batch_size(0),
        world.builder().poll_interval(Duration::ZERO),
        world.builder().publish_timeout(Duration::from_secs(60)),
        world.builder().name("n".repeat(2_049)),
        world.builder().lease(Duration::MAX),
        world.builder().outage_backoff(Duration::from_secs(2), Duration::from_secs(1)),
        world.builder().parked_backoff(Duration::ZERO, Duration::from_secs(1)),
    ] {
        let error = start(builder).await.unwrap_err();
        assert!(matches!(error, DynamoDbRelayError::InvalidOption { .. }), "{error:?}");
    }
    let connected = world.stores.counters.connect(world.bus.clone());
    let error = start(world.builder()).await.unwrap_err();
    assert!(matches!(error, DynamoDbRelayError::TwoPublishers(_)), "{error:?}");
    drop(connected);
    let without = world.storage.with_table_name("without");
    without.create_event_table(CreateTableOptions::default()).await.unwrap();
    let builder = world.builder();
    let error = builder.start(&without, world.streams.clone(), RELAYS, DynamoDbRelayStart::Now).await.unwrap_err();
    let is_told =
        matches!(&error, DynamoDbRelayError::Stream { source, .. } if matches!(**source, StreamError::NoStream { .. }));
    assert!(is_told, "{error:?}");
    let builder = world.builder();
    let error = builder.start(&world.storage, world.streams.clone(), "nowhere", DynamoDbRelayStart::Now).await;
    assert!(matches!(error, Err(DynamoDbRelayError::Storage { .. })), "{error:?}");
}

#[tokio::test]
async fn a_backfill_parks_an_aggregate_with_an_unreadable_timestamp() {
    let (client, world) = without_stream().await;
    for aggregate in ["a", "b", "c"] {
        world.stores.count(aggregate, 1..=2).await;
    }
    let key = |name: &str| AttributeValue::S(name.to_owned());
    client
        .update_item()
        .table_name(TABLE)
        .key("aggregateId", key("COUNTERS#b"))
        .key("version", AttributeValue::N("1".to_owned()))
        .update_expression("SET #timestamp = :text")
        .expression_attribute_names("#timestamp", "timestamp")
        .expression_attribute_values(":text", key("yesterday"))
        .send()
        .await
        .unwrap();
    world.storage.create_event_table(streamed()).await.unwrap();
    let relay = world.start(DynamoDbRelayStart::Beginning).await;
    world.broker.until(4).await;
    until("it is parked", async || relay.status().parked == 1).await;
    until("the backfill is done", async || !relay.status().is_backfilling).await;
    let parked = relay.parked().await.unwrap();
    assert_eq!((&*parked[0].aggregate_id, parked[0].next_version), ("b", 1));
    assert!(parked[0].error.contains("timestamp") && parked[0].error.contains('b'), "{}", parked[0].error);
    relay.shutdown().await.unwrap();
}
