//! Tests of the publishing engine without a relay, with injected faults and simulated time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use castore::log::LogEntry;
use castore::storage::RawEvent;
use castore_relay::engine::{
    Batch, CallOutcome, ChannelOutbox, Failure, Outage, Outbox, Progress, Publisher, Rejection, publishable_store,
};
use proptest::prelude::*;
use tokio::time::Instant;

use crate::support::*;

/// The reason why a [`TestProgress`] ends publishing.
#[derive(Debug, PartialEq, Eq)]
enum Stopped {
    LeaseLost,
    HandedBack,
}

/// An implementation of [`Progress`] that records what the engine reports, and waits one second during an outage.
#[derive(Debug, Default)]
struct TestProgress {
    prepared_calls: usize,
    /// The number of calls after which the lease is lost.
    lease_lost_after: Option<usize>,
    /// Whether publishing ends at the first outage that smaller calls cannot resolve.
    hands_back: bool,
    outages: Vec<Outage>,
    reports: Vec<String>,
    rejected: Vec<Rejection>,
}

impl Progress for TestProgress {
    type End = Stopped;

    async fn before_call(&mut self, _: &Batch) -> Result<(), Stopped> {
        if self.lease_lost_after == Some(self.prepared_calls) {
            return Err(Stopped::LeaseLost);
        }
        self.prepared_calls += 1;
        Ok(())
    }

    fn rejected(&mut self, rejection: &Rejection) {
        self.rejected.push(rejection.clone());
    }

    fn report(&mut self, error: &str) {
        self.reports.push(error.to_owned());
    }

    async fn outage(&mut self, outage: &Outage, _: &Batch) -> Result<(), Stopped> {
        self.outages.push(outage.clone());
        if self.hands_back {
            return if outage.is_call_too_large { Ok(()) } else { Err(Stopped::HandedBack) };
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);

/// Returns a publisher that calls the adapter of `broker` with at most 100 messages, and the attached broker.
fn publisher(broker: Broker<AppBus>) -> (Publisher, Broker<AppBus>) {
    let bus = AppBus::new();
    let broker = broker.attach(&bus);
    let stores = vec![publishable_store(&World::new().counters)];
    (Publisher::new("test", ChannelOutbox::new(bus, TIMEOUT, stores, 10), TIMEOUT, 100), broker)
}

/// Returns the events with the given names. In `a1 b1 a2`, the letter of each name is the aggregate, and the number is
/// the version. The positions of the events are 1, 2, 3 and so on.
fn entries(names: &str) -> Vec<LogEntry> {
    let entry = |(at, name): (usize, &str)| {
        LogEntry::new(
            at as u64 + 1,
            Arc::from("COUNTERS"),
            RawEvent {
                aggregate_id: name[..1].to_owned(),
                version: name[1..].parse().unwrap(),
                event_type: "COUNTED".into(),
                timestamp: "2024-02-29T12:34:56.789Z".parse().unwrap(),
                payload: None,
                metadata: None,
            },
        )
    };
    names.split(' ').enumerate().map(entry).collect()
}

fn batch(names: &str) -> Batch {
    Batch::new(entries(names), |_| false)
}

fn unpublished(batch: &Batch) -> Vec<usize> {
    batch.unpublished().collect()
}

#[tokio::test(start_paused = true)]
async fn batch_is_one_call_if_the_adapter_preserves_order_and_one_call_per_version_otherwise() {
    for (broker, calls) in
        [(Broker::new().holding_back(), vec!["a1 a2 b1 a3 b2"]), (Broker::new(), vec!["a1 b1", "a2 b2", "a3"])]
    {
        let (mut publisher, broker) = publisher(broker);
        let (mut batch, mut progress) = (batch("a1 a2 b1 a3 b2"), TestProgress::default());
        publisher.deliver(&mut batch, &mut progress).await.unwrap();
        assert_eq!(broker.calls(), calls);
        assert_eq!(progress.prepared_calls, calls.len(), "the lease is checked before each call");
        assert!(batch.is_done() && unpublished(&batch).is_empty());
        assert_eq!((batch.published(), batch.last_done().unwrap().position), (5, 5));
    }
}

#[tokio::test(start_paused = true)]
async fn events_of_parked_aggregates_are_skipped() {
    let (mut publisher, broker) = publisher(Broker::new());
    let mut batch = Batch::new(entries("a1 b1 a2"), |entry| entry.event.aggregate_id == "a");
    publisher.deliver(&mut batch, &mut TestProgress::default()).await.unwrap();
    assert_eq!(broker.names(), "b1");
    assert_eq!((unpublished(&batch), batch.rejections().len()), (vec![0, 2], 0));
}

#[tokio::test(start_paused = true)]
async fn permanent_rejection_skips_the_later_events_of_its_aggregate_only() {
    for broker in [Broker::new(), Broker::new().holding_back()] {
        let (mut publisher, broker) = publisher(broker);
        broker.judge(|message| if message.name() == "a2" { Verdict::Refuse } else { Verdict::Take });
        let (mut batch, mut progress) = (batch("a1 a2 b1 a3 b2"), TestProgress::default());
        publisher.deliver(&mut batch, &mut progress).await.unwrap();
        let [rejection] = batch.rejections() else { panic!("{batch:?}") };
        assert_eq!((&*rejection.aggregate_id, rejection.version, rejection.position), ("a", 2, 2));
        assert_eq!((&*rejection.error, batch.rejections()), ("refused", &*progress.rejected));
        assert_eq!((unpublished(&batch), batch.published()), (vec![1, 3], 3));
        assert!(progress.outages.is_empty() && !broker.names().contains("a3"), "{}", broker.names());
    }
}

#[tokio::test(start_paused = true)]
async fn transient_rejection_holds_back_its_aggregate_until_it_is_published() {
    for broker in [Broker::new(), Broker::new().holding_back()] {
        let (mut publisher, broker) = publisher(broker);
        let healed_at = Instant::now() + Duration::from_secs(3);
        broker.judge(move |message| {
            if message.name() == "a2" && Instant::now() < healed_at { Verdict::NotNow } else { Verdict::Take }
        });
        let (mut batch, mut progress) = (batch("a1 a2 b1 a3 b2"), TestProgress::default());
        assert_eq!(publisher.attempt(&mut batch, &mut progress).await.unwrap().unwrap().error, "refused");
        assert_eq!((unpublished(&batch), batch.last_done().unwrap().position), (vec![1, 3], 1));
        assert_eq!(batch.first_pending().unwrap().event.version, 2);
        publisher.deliver(&mut batch, &mut progress).await.unwrap();
        assert!(broker.names().ends_with("a2 a3"), "{}", broker.names());
        assert_eq!(broker.delivered().len(), 5, "no message is published twice");
        assert!(batch.rejections().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn rejection_that_names_no_message_publishes_nothing() {
    let (mut publisher, broker) = publisher(Broker::new().holding_back());
    broker.judge(|_| Verdict::RefuseUnnamed);
    let (mut batch, mut progress) = (batch("a1 b1 c1"), TestProgress::default());
    let outage = publisher.attempt(&mut batch, &mut progress).await.unwrap().unwrap();
    assert!(outage.error.contains("did not report which") && !outage.is_call_too_large, "{outage:?}");
    assert_eq!((unpublished(&batch), batch.published()), (vec![0, 1, 2], 0));
    assert!(batch.last_done().is_none() && batch.rejections().is_empty());
    broker.heal();
    publisher.deliver(&mut batch, &mut progress).await.unwrap();
    assert_eq!(broker.names(), "a1 b1 c1");
}

/// Returns a publisher whose adapter needs one second per message, its broker, and a batch of 40 events of 40
/// aggregates.
fn slow() -> (Publisher, Broker<AppBus>, Batch) {
    let (publisher, broker) = publisher(Broker::new().slow_with_each(Duration::from_secs(1)));
    let mut entries = entries(&["a1"; 40].join(" "));
    for (at, entry) in entries.iter_mut().enumerate() {
        entry.event.aggregate_id = format!("a{at}v");
    }
    (publisher, broker, Batch::new(entries, |_| false))
}

#[tokio::test(start_paused = true)]
async fn slow_adapter_gets_smaller_calls() {
    for hands_back in [false, true] {
        let (mut publisher, broker, mut batch) = slow();
        let mut progress = TestProgress { hands_back, ..TestProgress::default() };
        publisher.deliver(&mut batch, &mut progress).await.unwrap();
        let sizes: Vec<_> = broker.calls().iter().map(|call| call.split(' ').count()).collect();
        assert_eq!(sizes, [40, 20, 10, 10, 10, 10]);
        assert_eq!((batch.published(), progress.outages.len()), (40, 2));
        assert!(progress.outages.iter().all(|outage| outage.is_call_too_large));
    }
}

#[tokio::test(start_paused = true)]
async fn call_size_is_remembered_for_the_next_batch() {
    let (mut publisher, broker, mut first) = slow();
    publisher.deliver(&mut first, &mut TestProgress::default()).await.unwrap();
    publisher.reset();
    let (_, _, mut next) = slow();
    let calls = broker.calls().len();
    publisher.deliver(&mut next, &mut TestProgress::default()).await.unwrap();
    assert_eq!(broker.calls().len() - calls, 4, "no further call is too large");
}

#[tokio::test(start_paused = true)]
async fn one_message_that_takes_too_long_is_an_outage() {
    let (mut publisher, _) = publisher(Broker::new().slow(Duration::from_secs(3_600)));
    let (mut batch, mut progress) = (batch("a1 b1"), TestProgress { hands_back: true, ..TestProgress::default() });
    assert_eq!(publisher.deliver(&mut batch, &mut progress).await, Err(Stopped::HandedBack));
    let too_large: Vec<_> = progress.outages.iter().map(|outage| outage.is_call_too_large).collect();
    assert_eq!((too_large, unpublished(&batch)), (vec![true, false], vec![0, 1]));
}

/// The duration of a call that is rejected quickly does not show how much time messages need. If such a call increased
/// the call size, the next call would time out again, and a handler that retries smaller calls at once would never
/// return.
#[tokio::test(start_paused = true)]
async fn transient_rejection_does_not_grow_the_calls() {
    let (mut publisher, broker) = publisher(Broker::new());
    broker.judge(|message| if message.aggregate_id == "a" { Verdict::NotNow } else { Verdict::Hang });
    let (mut batch, mut progress) = (batch("a1 b1 c1"), TestProgress { hands_back: true, ..TestProgress::default() });
    let delivered = tokio::time::timeout(LONG, publisher.deliver(&mut batch, &mut progress)).await;
    assert_eq!(delivered.unwrap(), Err(Stopped::HandedBack));
    assert_eq!(unpublished(&batch), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn panic_of_the_adapter_is_an_outage() {
    let (mut publisher, broker) = publisher(Broker::new().holding_back());
    broker.judge(|_| Verdict::Panic);
    let (mut batch, mut progress) = (batch("a1 a2"), TestProgress::default());
    let outage = publisher.attempt(&mut batch, &mut progress).await.unwrap().unwrap();
    assert!(outage.error.contains("panicked: the adapter is broken"), "{outage:?}");
    assert!(batch.rejections().is_empty());
    broker.heal();
    publisher.deliver(&mut batch, &mut progress).await.unwrap();
    assert_eq!(broker.names(), "a1 a2");
}

#[tokio::test(start_paused = true)]
async fn outage_in_the_middle_of_a_batch_repeats_only_the_failed_call() {
    let (mut publisher, broker) = publisher(Broker::new());
    broker.judge(|message| if message.version == 2 { Verdict::BreakOff } else { Verdict::Take });
    let (mut batch, mut progress) = (batch("a1 b1 a2 b2"), TestProgress::default());
    assert!(publisher.attempt(&mut batch, &mut progress).await.unwrap().is_some());
    assert_eq!((batch.last_done().unwrap().position, unpublished(&batch)), (2, vec![2, 3]));
    broker.heal();
    publisher.deliver(&mut batch, &mut progress).await.unwrap();
    assert_eq!(broker.names(), "a1 b1 a2 b2");
}

#[tokio::test(start_paused = true)]
async fn lost_lease_prevents_all_further_calls() {
    let (mut publisher, broker) = publisher(Broker::new());
    let (mut batch, mut progress) =
        (batch("a1 b1 a2 a3"), TestProgress { lease_lost_after: Some(2), ..TestProgress::default() });
    assert_eq!(publisher.deliver(&mut batch, &mut progress).await, Err(Stopped::LeaseLost));
    assert_eq!(broker.calls(), ["a1 b1", "a2"]);
    assert_eq!((batch.last_done().unwrap().position, unpublished(&batch)), (3, vec![3]));
    // The reset discards the message of the call that the lost lease prevented (`a3`), so the next batch does not
    // publish it.
    publisher.reset();
    publisher.deliver(&mut self::batch("c1"), &mut TestProgress::default()).await.unwrap();
    assert_eq!(broker.names(), "a1 b1 a2 c1");
}

#[tokio::test(start_paused = true)]
async fn message_that_cannot_be_serialized_is_found_with_calls_of_one_message() {
    let (mut publisher, broker) = publisher(Broker::new().holding_back());
    broker.judge(|message| if message.name() == "b1" { Verdict::Unwritable } else { Verdict::Take });
    let (mut batch, mut progress) = (batch("b1 a1 b2 a2"), TestProgress::default());
    publisher.deliver(&mut batch, &mut progress).await.unwrap();
    assert_eq!(broker.calls(), ["b1 a1 b2 a2", "b1", "a1", "a2"]);
    assert_eq!((batch.rejections()[0].version, unpublished(&batch)), (1, vec![0, 2]));
    assert_eq!((progress.reports.len(), progress.outages.len()), (1, 0));
}

/// An outbox that loads the aggregate of each event. Loads of `failing` aggregates fail.
#[derive(Clone, Default)]
struct LoadingOutbox {
    failing: Arc<Mutex<HashMap<String, Failure>>>,
    added: Vec<String>,
    calls: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Outbox for LoadingOutbox {
    fn preserves_order_on_rejection(&self) -> bool {
        true
    }

    fn add(&mut self, _: &LogEntry) -> Option<Result<(), Failure>> {
        None
    }

    async fn load_and_add(&mut self, entry: &LogEntry) -> Result<(), Failure> {
        if let Some(failure) = self.failing.lock().unwrap().get(&entry.event.aggregate_id) {
            return Err(failure.clone());
        }
        self.added.push(format!("{}{}", entry.event.aggregate_id, entry.event.version));
        Ok(())
    }

    async fn publish(&mut self) -> CallOutcome {
        self.calls.lock().unwrap().push(std::mem::take(&mut self.added).join(" "));
        CallOutcome::Published(Vec::new())
    }

    fn forget(&mut self, _: &str, _: &str) {}

    fn set_rewrite_count(&mut self, _: u64) {}

    fn reset(&mut self) {
        self.added.clear();
    }
}

#[tokio::test(start_paused = true)]
async fn failed_load_publishes_the_events_before_it_and_ends_the_round() {
    let outbox = LoadingOutbox::default();
    outbox.failing.lock().unwrap().insert("b".to_owned(), Failure::Transient("no storage".to_owned()));
    let mut publisher = Publisher::new("test", outbox.clone(), TIMEOUT, 100);
    let (mut batch, mut progress) = (batch("a1 b1 c1"), TestProgress::default());
    let outage = publisher.attempt(&mut batch, &mut progress).await.unwrap().unwrap();
    assert_eq!((&*outage.error, outage.is_call_too_large), ("no storage", false));
    assert_eq!(progress.prepared_calls, 3, "the lease is checked before each load and before the call");
    outbox.failing.lock().unwrap().clear();
    publisher.deliver(&mut batch, &mut progress).await.unwrap();
    assert_eq!(*outbox.calls.lock().unwrap(), ["a1", "b1 c1"]);
}

#[tokio::test(start_paused = true)]
async fn aggregate_that_can_never_be_loaded_is_rejected() {
    let outbox = LoadingOutbox::default();
    outbox.failing.lock().unwrap().insert("b".to_owned(), Failure::Permanent("broken".to_owned()));
    let mut publisher = Publisher::new("test", outbox.clone(), TIMEOUT, 100);
    let (mut batch, mut progress) = (batch("a1 b1 b2 c1"), TestProgress::default());
    publisher.deliver(&mut batch, &mut progress).await.unwrap();
    assert_eq!(*outbox.calls.lock().unwrap(), ["a1 c1"]);
    assert_eq!((&*batch.rejections()[0].error, unpublished(&batch)), ("broken", vec![1, 2]));
}

/// Checks the order of the published messages. Each message gets the next verdict of the script. After the end of the
/// script, every message is accepted.
async fn check_order(script: Vec<Verdict>, aggregates: Vec<u8>, preserves_order: bool, hands_back: bool) {
    let broker = if preserves_order { Broker::new().holding_back() } else { Broker::new() };
    let (mut publisher, broker) = publisher(broker);
    let script = Mutex::new(script.into_iter());
    broker.judge(move |_| script.lock().unwrap().next().unwrap_or(Verdict::Take));
    let mut versions = [0; 3];
    let names = aggregates.iter().map(|aggregate| {
        versions[usize::from(*aggregate)] += 1;
        format!("{}{}", char::from(b'a' + aggregate), versions[usize::from(*aggregate)])
    });
    let mut batch = batch(&names.collect::<Vec<_>>().join(" "));
    let mut progress = TestProgress { hands_back, ..TestProgress::default() };
    while publisher.deliver(&mut batch, &mut progress).await.is_err() {
        assert!(hands_back && !batch.is_done());
    }
    let mut first = [0; 3];
    for message in broker.delivered() {
        let version = &mut first[usize::from(message.aggregate_id.as_bytes()[0] - b'a')];
        assert!(message.version <= *version + 1, "out of order: {}", broker.names());
        *version = message.version.max(*version);
    }
    let rejected = |aggregate: usize| {
        let id = char::from(b'a' + u8::try_from(aggregate).unwrap()).to_string();
        batch.rejections().iter().find(|rejection| rejection.aggregate_id == id).map(|rejection| rejection.version)
    };
    for (aggregate, (first, last)) in first.into_iter().zip(versions).enumerate() {
        // All events before the rejected event must be published. A call whose outcome was unknown may also have
        // published later events.
        match rejected(aggregate) {
            None => assert_eq!(first, last, "lost: {}", broker.names()),
            Some(version) => assert!(first + 1 >= version, "skipped before the rejected event: {}", broker.names()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn first_deliveries_are_in_order_and_no_event_is_lost_whatever_fails(
        script in proptest::collection::vec(prop_oneof![
            6 => Just(Verdict::Take), 1 => Just(Verdict::Refuse), 2 => Just(Verdict::NotNow), 1 => Just(Verdict::Panic),
            1 => Just(Verdict::BreakOff), 1 => Just(Verdict::Hang), 1 => Just(Verdict::RefuseUnnamed),
            1 => Just(Verdict::Unwritable),
        ], 0..30),
        aggregates in proptest::collection::vec(0..3_u8, 1..15),
        preserves_order in any::<bool>(),
        hands_back in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(check_order(script, aggregates, preserves_order, hands_back));
    }
}
