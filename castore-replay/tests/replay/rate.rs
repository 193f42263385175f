//! Tests of rate limits.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use castore::channel::{AdapterFor, MessageChannelAdapter, PerAggregate, PublishMessageOptions, Topology};
use castore::prelude::*;
use castore_replay::*;
use tokio::time::Instant;

use crate::domain::*;

/// A channel adapter that records the time of each message, and delays some messages.
#[derive(Debug, Clone)]
struct Timed {
    began: Instant,
    came: Arc<Mutex<Vec<u128>>>,
    slow: Option<(usize, Duration)>,
}

#[async_trait]
impl MessageChannelAdapter<MessageOf<AppBus>> for Timed {
    async fn publish_message(&self, _: MessageOf<AppBus>, _: PublishMessageOptions) -> Result<(), PublishError> {
        let number = {
            let mut came = self.came.lock().unwrap();
            came.push(self.began.elapsed().as_millis());
            came.len()
        };
        if let Some((slow, delay)) = self.slow
            && slow == number
        {
            tokio::time::sleep(delay).await;
        }
        Ok(())
    }
}

impl<T: Topology> AdapterFor<T> for Timed {
    type Order = PerAggregate;
}
async fn times(events: u64, per_second: u32, slow: Option<(usize, Duration)>) -> Vec<u128> {
    let store = pokemons((1..=events).map(|version| pokemon_event("a", version, at(version))));
    let bus = AppBus::new();
    let timed = Timed { began: Instant::now(), came: Arc::default(), slow };
    bus.set_adapter(timed.clone());
    let rate = NonZeroU32::new(per_second).unwrap();
    let poured = pour_event_store_events(&store, &bus).rate_limit(rate).await.unwrap();
    assert_eq!(poured.poured_event_count, events);
    timed.came.lock().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn first_message_is_immediate_and_others_are_evenly_spaced() {
    assert_eq!(times(4, 10, None).await, [0, 100, 200, 300]);
}

#[tokio::test(start_paused = true)]
async fn time_spent_publishing_counts() {
    assert_eq!(times(4, 10, Some((2, Duration::from_millis(60)))).await, [0, 100, 200, 300]);
}

#[tokio::test(start_paused = true)]
async fn delays_are_not_caught_up() {
    assert_eq!(times(5, 10, Some((2, Duration::from_secs(1)))).await, [0, 100, 1100, 1200, 1300]);
}

/// The resolution of timers, which is one millisecond, must not slow down the pour.
#[tokio::test(start_paused = true)]
async fn rates_above_the_timers_resolution_are_kept() {
    let times = times(10_001, 10_000, None).await;
    let last = *times.last().unwrap();
    assert!((999..=1_005).contains(&last), "{last}");
}

#[tokio::test(start_paused = true)]
async fn ids_and_single_aggregates_are_limited_too() {
    let store = pokemons(["a", "b", "c"].map(|id| pokemon_event(id, 1, at(1))));
    let census = CensusBus::new();
    Recording::attach_to(&census);
    let began = Instant::now();
    pour_event_store_aggregate_ids(&store, &census).rate_limit(NonZeroU32::new(10).unwrap()).await.unwrap();
    assert_eq!(began.elapsed().as_millis(), 200);

    let store = pokemons((1..=3).map(|version| pokemon_event("a", version, at(version))));
    let (bus, _recording) = bus();
    let began = Instant::now();
    pour_aggregate_events(&store, "a", &bus).rate_limit(NonZeroU32::new(10).unwrap()).await.unwrap();
    assert_eq!(began.elapsed().as_millis(), 200);
}
