//! Faults of a channel's adapter that the relay and the Lambda handler must handle in the same way.

use std::time::Duration;

use castore_dynamodb::{DynamoDbRelayStart, LambdaStreamHandler};

use crate::broker::{Broker, Verdict};
use crate::domain::AppBus;
use crate::lambda::{failures, handler_of, insert, invocation, stores};
use crate::relay::{RELAYS, World, until, versions};

#[tokio::test(start_paused = true)]
async fn lambda_reports_every_message_of_a_call_whose_rejection_names_none() {
    for preserves_order in [false, true] {
        let (bus, stores) = (AppBus::default(), stores());
        let broker = Broker::attach_as(&bus, preserves_order, Duration::ZERO);
        broker.judge(|_, _| Verdict::RefuseUnnamed);
        let handler = handler_of(&bus, &stores);
        let event = invocation(vec![
            insert(1, "COUNTERS#a", 1),
            insert(2, "COUNTERS#b", 1),
            insert(3, "STRANGERS#x", 1),
            insert(4, "COUNTERS#a", 2),
        ]);
        assert_eq!(failures(&handler.handle(&event).await), ["1", "2", "4"]);
        broker.heal();
        assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
        let published = broker.first_deliveries();
        assert_eq!((&published["a"], &published["b"]), (&versions(2), &versions(1)));
    }
}

/// The records of 40 events of one aggregate, for an adapter that needs one second for each message.
fn slow(bus: &AppBus) -> (LambdaStreamHandler, Broker<AppBus>) {
    let broker = Broker::attach_as(bus, true, Duration::ZERO);
    broker.slow_with_each(Duration::from_secs(1));
    let handler = LambdaStreamHandler::builder(bus.clone()).publish(&stores().counters);
    (handler.publish_timeout(Duration::from_secs(10)).build().unwrap(), broker)
}

#[tokio::test(start_paused = true)]
async fn lambda_publishes_with_smaller_calls_through_a_slow_adapter() {
    let bus = AppBus::default();
    let (handler, broker) = slow(&bus);
    let event = invocation((1..=40).map(|version| insert(version, "COUNTERS#a", version)).collect());
    assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
    assert_eq!(broker.first_deliveries()["a"], versions(40));
    // The next invocation begins with calls that are small enough.
    let before = broker.names().len();
    assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
    assert_eq!(broker.names().len() - before, 40, "no message is published twice by the second invocation");
}

#[tokio::test(start_paused = true)]
async fn lambda_reports_messages_that_take_too_long_on_their_own() {
    let bus = AppBus::default();
    let (handler, broker) = slow(&bus);
    broker.slow_with_each(Duration::from_secs(11));
    let event = invocation((1..=3).map(|version| insert(version, "COUNTERS#a", version)).collect());
    assert_eq!(failures(&handler.handle(&event).await), ["1", "2", "3"]);
}

#[tokio::test]
async fn relay_waits_while_rejections_name_no_message() {
    for preserves_order in [false, true] {
        let world = World::with(preserves_order, Duration::ZERO).await;
        world.broker.judge(|_, _| Verdict::RefuseUnnamed);
        world.stores.count("a", 1..=3).await;
        let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
        until("the outage is reported", async || {
            relay.status().outage.is_some_and(|outage| outage.contains("named none"))
        })
        .await;
        assert_eq!((relay.status().published, relay.parked().await.unwrap()), (0, Vec::new()));
        // The position is not moved: another process starts at the same event.
        relay.shutdown().await.unwrap();
        world.broker.heal();
        let relay = world.start(DynamoDbRelayStart::Now).await;
        world.broker.until(3).await;
        assert_eq!(world.broker.first_deliveries()["a"], versions(3));
        until("the outage is over", async || relay.status().outage.is_none()).await;
        relay.shutdown().await.unwrap();
    }
}

/// One second per message and a timeout of 10 seconds, in a fiftieth of the time: the emulator works in real time.
#[tokio::test]
async fn relay_publishes_with_smaller_calls_through_a_slow_adapter() {
    let world = World::with(true, Duration::ZERO).await;
    world.broker.slow_with_each(Duration::from_millis(20));
    world.stores.count("a", 1..=40).await;
    let builder = world.builder().publish_timeout(Duration::from_millis(200));
    let start = DynamoDbRelayStart::TrimHorizon;
    let relay = builder.start(&world.storage, world.streams.clone(), RELAYS, start).await.unwrap();
    world.broker.until(40).await;
    assert_eq!(world.broker.first_deliveries()["a"], versions(40));
    until("all are counted", async || relay.status().published == 40).await;
    assert_eq!((relay.status().outage, relay.status().parked), (None, 0));
    relay.shutdown().await.unwrap();
}
