//! Tests that a store has only one publisher on each channel: either its connections or a relay.

use std::time::Duration;

use castore::prelude::*;
use castore::push_event_group;

use crate::messaging::counter::*;
use crate::support::Log;

fn listening(bus: &CounterBus) -> (InMemoryMessageBusAdapter<CounterBus>, Log<u64>) {
    let (adapter, seen) = (InMemoryMessageBusAdapter::attach_to(bus), Log::new());
    let log = seen.clone();
    adapter.on(Filter::store::<Counter>(), move |message, _| {
        log.add(message.event.version);
        async { Ok(()) }
    });
    (adapter, seen)
}

#[tokio::test]
async fn push_stores_and_relay_publishes() {
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), CounterBus::new());
    let (adapter, seen) = listening(&bus);
    let counters = EventStore::<Counter>::new(storage.clone()).connect_via_relay(bus.clone());
    counters.push_event(event("a", 1)).await.unwrap();
    push_event_group(vec![counters.group_event(event("a", 2)), counters.group_event(event("a", 3))]).await.unwrap();
    adapter.idle().await;
    assert!(seen.entries().is_empty(), "no relay publishes yet");
    assert_eq!(counters.message_channel().message_channel_id(), CounterBus::ID);

    let relay = Relay::builder(bus.clone())
        .publish(&counters)
        // Without the wake-up, this test would take an hour.
        .poll_interval(Duration::from_secs(3_600))
        .lease(Duration::from_secs(14_400))
        .start(storage, RelayStart::Beginning)
        .await
        .unwrap();
    let pushed = counters.push_event(event("a", 4)).await.unwrap();
    relay.wait_for(pushed.position.unwrap(), Duration::from_secs(30)).await.unwrap();
    adapter.idle().await;
    assert_eq!(seen.entries(), [1, 2, 3, 4]);
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn connected_store_is_rejected_beside_a_store_via_relay() {
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), CounterBus::new());
    let (adapter, seen) = listening(&bus);
    let plain = EventStore::<Counter>::new(storage.clone());
    let direct = plain.connect(bus.clone());
    direct.push_event(event("a", 1)).await.unwrap();

    let relayed = plain.connect_via_relay(bus.clone());
    for error in [
        direct.push_event(event("a", 2)).await.unwrap_err(),
        relayed.push_event(event("a", 2)).await.unwrap_err(),
        push_event_group((direct.group_event(event("a", 2)),)).await.unwrap_err(),
        // This store has two connections. The second connection is valid, but the first is still rejected.
        direct.connect(CounterBus::new()).push_event(event("a", 2)).await.unwrap_err(),
    ] {
        assert!(matches!(&error, PushEventError::TwoPublishers(error) if error.event_store_id == "COUNTERS"));
        let text = error.to_string();
        assert!(text.contains(CounterBus::ID) && text.contains("connect_via_relay"), "{text}");
    }
    assert_eq!(plain.get_events("a").await.unwrap().len(), 1, "the push is rejected before the event is stored");

    // Another instance of the channel type is another channel. A store that was dropped is no longer a publisher.
    let other_bus = CounterBus::new();
    let _other = InMemoryMessageBusAdapter::attach_to(&other_bus);
    plain.connect(other_bus).push_event(event("b", 1)).await.unwrap();
    drop(relayed);
    direct.push_event(event("a", 2)).await.unwrap();
    adapter.idle().await;
    assert_eq!(seen.entries(), [1, 2]);
}

#[tokio::test]
async fn relay_does_not_start_beside_a_connected_store() {
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), CounterBus::new());
    let counters = EventStore::<Counter>::new(storage.clone());
    let direct = counters.connect(bus.clone());
    let start = || Relay::builder(bus.clone()).publish(&counters).start(storage.clone(), RelayStart::Now);
    let error = start().await.unwrap_err();
    assert!(matches!(error, castore::relay::RelayError::TwoPublishers(_)), "{error}");
    drop(direct);
    let relay = start().await.unwrap();
    let direct = counters.connect(bus.clone());
    assert!(matches!(direct.push_event(event("a", 1)).await, Err(PushEventError::TwoPublishers(_))));
    relay.shutdown().await.unwrap();
    InMemoryMessageBusAdapter::attach_to(&bus);
    direct.push_event(event("a", 1)).await.unwrap();
}
