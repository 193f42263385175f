//! Aggregates larger than DynamoDB's pages of 1 MB.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, PushOptions, RawEvent};

use crate::support::{event, json, with_table};

#[tokio::test]
async fn pages_follow_one_another() {
    let adapter = with_table().await;
    let payload = json(&format!("\"{}\"", "x".repeat(390_000)));
    for version in 1..=7 {
        let event = RawEvent { payload: Some(payload.clone()), ..event("a", version) };
        adapter.push_event("POKEMONS", event, PushOptions::default()).await.unwrap();
    }
    for (limit, reverse, expected) in [
        (None, false, vec![1, 2, 3, 4, 5, 6, 7]),
        (None, true, vec![7, 6, 5, 4, 3, 2, 1]),
        (Some(5), false, vec![1, 2, 3, 4, 5]),
        (Some(6), true, vec![7, 6, 5, 4, 3, 2]),
        (Some(u64::MAX), false, vec![1, 2, 3, 4, 5, 6, 7]),
    ] {
        let options = {
            let mut options = GetEventsOptions::default();
            options.limit = limit;
            options.reverse = reverse;
            options
        };
        let events = adapter.get_events("POKEMONS", "a", options).await.unwrap();
        let versions: Vec<_> = events.iter().map(|event| event.version).collect();
        assert_eq!(versions, expected, "limit {limit:?}, reverse {reverse}");
        assert!(events.iter().all(|event| event.payload.as_ref().unwrap().get() == payload.get()));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let seen = shown.clone();
        let visitor = Box::new(move |event: castore_core::storage::RawEventRef<'_>| {
            seen.lock().unwrap().push(event.version);
            if event.version == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        adapter.visit_events("POKEMONS", "a", options, visitor).await.unwrap();
        let up_to_4 = expected.iter().position(|version| *version == 4).unwrap() + 1;
        assert_eq!(*shown.lock().unwrap(), expected[..up_to_4]);
    }
}
