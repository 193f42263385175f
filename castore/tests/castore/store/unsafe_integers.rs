//! Tests of events with integers that a TypeScript program cannot read exactly.

use castore::prelude::*;
use castore::store::UnsafeIntegerError;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Event)]
enum MeterEvent {
    Read { counts: Vec<u64>, total: u128 },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Source {
    device: i64,
}

#[derive(Debug, Clone)]
#[event_store(id = "METERS", event = MeterEvent, metadata = Source)]
struct Meter;

impl Reducer for Meter {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

const SAFE: u64 = (1 << 53) - 1;

fn event(version: u64, count: u64, total: u128, device: i64) -> NewEvent<Meter> {
    NewEvent::new("m", version, MeterEvent::Read { counts: vec![1, count], total }).metadata(Source { device })
}

fn field(error: PushEventError) -> String {
    assert!(error.to_string().contains("beyond 2^53 - 1"), "{error}");
    let PushEventError::UnsafeInteger(error) = error else { panic!("{error:?}") };
    let UnsafeIntegerError { event_store_id, field, .. } = *error;
    assert_eq!(event_store_id, "METERS");
    field
}

#[tokio::test]
async fn unsafe_integer_is_refused_before_anything_is_stored() {
    let meters = EventStore::<Meter>::new(InMemoryEventStorageAdapter::new()).refuse_unsafe_integers();
    for (unsafe_event, path) in [
        (event(1, SAFE + 1, 1, 1), "payload.counts[1]"),
        (event(1, 1, u128::MAX, 1), "payload.total"),
        (event(1, 1, 1, i64::MIN), "metadata.device"),
    ] {
        assert_eq!(field(meters.push_event(unsafe_event).await.unwrap_err()), path);
    }
    let group = vec![meters.group_event(event(1, 1, 1, 1)), meters.group_event(event(2, 1, u128::MAX, 1))];
    assert_eq!(field(push_event_group(group).await.unwrap_err()), "payload.total");
    assert!(meters.get_events("m").await.unwrap().is_empty());
    meters.push_event(event(1, SAFE, SAFE.into(), -(SAFE as i64))).await.unwrap();
}

#[tokio::test]
async fn unsafe_integer_is_stored_by_default() {
    let meters = EventStore::<Meter>::new(InMemoryEventStorageAdapter::new());
    meters.push_event(event(1, u64::MAX, u128::MAX, i64::MIN)).await.unwrap();
    let events = meters.get_events("m").await.unwrap();
    let MeterEvent::Read { counts, total } = &events[0].payload;
    assert_eq!((counts[1], *total), (u64::MAX, u128::MAX));
}
