//! Tests that every event is published, and that the events of each aggregate are published in order.

use castore_relay::Relay;

use crate::support::*;

#[tokio::test(start_paused = true)]
async fn stored_and_new_events_are_published() {
    let world = World::new();
    world.count("a", 1..=3).await;
    note(&world.notes, "n", 1).await;
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let relay = world.start(Relay::builder(bus).publish(&world.counters).publish(&world.notes)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.names(), "a1 n1 a2 a3", "each call has one message per aggregate");
    let position = count(&world.counters, "b", 1).await;
    relay.wait_for(position, LONG).await.unwrap();
    assert_eq!(broker.names(), "a1 n1 a2 a3 b1");
    assert_eq!(relay.status().lag(), Some(0));
    relay.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn order_preserving_adapter_gets_the_batch_in_one_call() {
    let world = World::new();
    world.count("a", 1..=3).await;
    world.count("b", 1..=2).await;
    let bus = AppBus::new();
    let broker = Broker::new().holding_back().attach(&bus);
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.calls(), ["a1 a2 a3 b1 b2"]);
    drop(relay);
}

#[tokio::test(start_paused = true)]
async fn aggregate_that_failed_is_skipped_in_later_calls() {
    let world = World::new();
    for version in 1..=3 {
        world.count("a", version..=version).await;
        world.count("b", version..=version).await;
    }
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let failed = std::sync::atomic::AtomicBool::new(false);
    broker.judge(move |message| {
        let is_first = message.name() == "a2" && !failed.swap(true, std::sync::atomic::Ordering::SeqCst);
        if is_first { Verdict::NotNow } else { Verdict::Take }
    });
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.calls(), ["a1 b1", "a2 b2", "b3", "a2", "a3"]);
    assert_eq!(broker.names(), "a1 b1 b2 b3 a2 a3", "published messages are not published again");
    assert!(relay.parked().await.unwrap().is_empty());
}
