//! A property test: with random failures, every event is published, first deliveries are in order, and the number of
//! duplicates is bounded.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_relay::{Relay, RelayBuilder};
use proptest::prelude::*;

use crate::support::*;

const AGGREGATES: usize = 4;
const BATCH: usize = 5;

#[derive(Debug, Clone)]
enum Step {
    Push(usize),
    /// Sets the verdict of the broker for the messages of an aggregate. If the flag is `true`, the verdict applies to
    /// all of these messages. Otherwise, it applies only if the broker has received an even number of messages so far.
    Trouble(usize, Verdict, bool),
    /// Starts or ends an outage for all messages.
    Outage(bool),
    /// Kills one of the two relays, and starts another one in its place.
    Kill(usize),
    ShutDown(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let verdict =
        prop_oneof![Just(Verdict::Take), Just(Verdict::Refuse), Just(Verdict::NotNow), Just(Verdict::BreakOff)];
    prop_oneof![
        8 => (0..AGGREGATES).prop_map(Step::Push),
        2 => (0..AGGREGATES, verdict, any::<bool>()).prop_map(|(aggregate, verdict, all)| Step::Trouble(aggregate, verdict, all)),
        1 => any::<bool>().prop_map(Step::Outage),
        1 => (0..2_usize).prop_map(Step::Kill),
        1 => (0..2_usize).prop_map(Step::ShutDown),
        4 => (1..3_000_u64).prop_map(Step::Wait),
    ]
}

#[derive(Debug, Default)]
struct Trouble {
    of: HashMap<String, (Verdict, bool)>,
    outage: bool,
    seen: u64,
}

fn builder(world: &World, bus: &AppBus) -> RelayBuilder<AppBus> {
    Relay::builder(bus.clone())
        .publish(&world.counters)
        .batch_size(BATCH)
        .lease(Duration::from_secs(3))
        .publish_timeout(Duration::from_secs(1))
        .poll_interval(Duration::from_millis(100))
        .outage_backoff(Duration::from_millis(50), Duration::from_millis(500))
        .parked_backoff(Duration::from_millis(100), Duration::from_secs(1))
}

async fn check(steps: Vec<Step>, holding_back: bool) {
    let world = World::new();
    let bus = AppBus::new();
    let broker = if holding_back { Broker::new().holding_back() } else { Broker::new() };
    let broker = broker.slow(Duration::from_millis(7)).attach(&bus);
    let trouble = Arc::new(Mutex::new(Trouble::default()));
    let broken_calls = Arc::new(AtomicUsize::new(0));
    let (of_broker, broken) = (trouble.clone(), broken_calls.clone());
    broker.judge(move |message| {
        let mut trouble = of_broker.lock().unwrap();
        trouble.seen += 1;
        let of = match trouble.of.get(&message.aggregate_id) {
            Some((verdict, all)) if *all || trouble.seen % 2 == 0 => *verdict,
            _ => Verdict::Take,
        };
        let verdict = if trouble.outage { Verdict::BreakOff } else { of };
        if verdict == Verdict::BreakOff {
            broken.fetch_add(1, Ordering::SeqCst);
        }
        verdict
    });
    let mut relays = Vec::new();
    for _ in 0..2 {
        relays.push(world.start(builder(&world, &bus)).await);
    }
    let mut versions = [0; AGGREGATES];
    let mut kills = 0;
    for step in steps {
        match step {
            Step::Push(aggregate) => {
                versions[aggregate] += 1;
                count(&world.counters, &name(aggregate), versions[aggregate]).await;
            }
            Step::Trouble(aggregate, verdict, all) => {
                trouble.lock().unwrap().of.insert(name(aggregate), (verdict, all));
            }
            Step::Outage(outage) => trouble.lock().unwrap().outage = outage,
            Step::Kill(relay) => {
                drop(relays.remove(relay));
                kills += 1;
                relays.push(world.start(builder(&world, &bus)).await);
            }
            Step::ShutDown(relay) => {
                relays.remove(relay).shutdown().await.unwrap();
                // If an outage prevents the relay from finishing its batch, some messages of the batch may be published
                // twice, as after a kill.
                kills += 1;
                relays.push(world.start(builder(&world, &bus)).await);
            }
            Step::Wait(milliseconds) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
        }
    }
    *trouble.lock().unwrap() = Trouble::default();
    for relay in &relays {
        relay.wait_until_caught_up(LONG).await.unwrap();
    }
    eventually("a relay leads and has nothing parked", || {
        relays.iter().any(|relay| {
            let status = relay.status();
            status.role == castore_relay::RelayRole::Leader && status.parked == 0
        })
    })
    .await;

    let delivered = broker.delivered();
    let mut seen = HashSet::new();
    let mut next: HashMap<String, u64> = HashMap::new();
    for message in &delivered {
        if seen.insert(message.clone()) {
            let next = next.entry(message.aggregate_id.clone()).or_default();
            *next += 1;
            assert_eq!(message.version, *next, "out of order: {}", names(&delivered));
        }
    }
    for (aggregate, versions) in versions.into_iter().enumerate() {
        let published = next.get(&name(aggregate)).copied().unwrap_or_default();
        assert_eq!(published, versions, "lost, of {}: {}", name(aggregate), names(&delivered));
    }
    let duplicates = delivered.len() - seen.len();
    let bound = BATCH * (kills + broken_calls.load(Ordering::SeqCst));
    assert!(duplicates <= bound, "{duplicates} duplicates of {bound} at most");
}

fn name(aggregate: usize) -> String {
    ["a", "b", "c", "d"][aggregate].to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_is_lost_and_first_deliveries_are_in_order(
        steps in proptest::collection::vec(step(), 1..80),
        holding_back in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(check(steps, holding_back));
    }
}
