//! Property tests with random histories, faults and runners, against a simple model of the expected read model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::support::{Counts, Fault, SOON, STORE, World, parking};

/// Returns a strategy for events of a few aggregates, some of which the handler rejects.
fn history() -> impl Strategy<Value = Vec<(usize, bool)>> {
    proptest::collection::vec((0..4_usize, proptest::bool::weighted(0.1)), 1..60)
}

fn check(history: &[(usize, bool)], batch: usize, runners: usize, faults: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let world = World::default();
        let projection = Counts::<1>::default();
        let options = parking().batch_size(batch).attempts(2);
        let mut running = Vec::new();
        for _ in 0..runners {
            running.push(world.start(projection.clone(), options.clone()).await);
        }
        world.fail((0..faults).map(|_| Fault::Unavailable));
        let (mut versions, mut last) = (BTreeMap::<usize, u64>::new(), 0);
        for (aggregate, poison) in history {
            let version = versions.entry(*aggregate).or_default();
            *version += 1;
            let event_type = if *poison { "POISON" } else { "HAPPENED" };
            last = world.push(&aggregate.to_string(), *version, event_type).await;
        }
        for one in &running {
            one.wait_for(last, SOON).await.unwrap();
        }
        // The expected count of an aggregate ends at its first rejected event.
        let (mut expected, mut parked) = (BTreeMap::<String, u64>::new(), BTreeSet::new());
        for (aggregate, poison) in history {
            let aggregate = aggregate.to_string();
            if *poison {
                parked.insert(aggregate);
            } else if !parked.contains(&aggregate) {
                *expected.entry(aggregate).or_default() += 1;
            }
        }
        assert_eq!(world.counts(), expected);
        let found: BTreeSet<_> =
            world.models.parked("counts", 1).into_iter().map(|parked| parked.aggregate_id).collect();
        assert_eq!(found, parked);
        projection.heal();
        for aggregate in &parked {
            assert!(running[0].retry_parked(STORE, aggregate).await.unwrap());
        }
        let all: BTreeMap<_, _> = versions.iter().map(|(aggregate, count)| (aggregate.to_string(), *count)).collect();
        assert_eq!(world.counts(), all);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_event_counts_once_whatever_fails(
        history in history(),
        batch in 1..8_usize,
        runners in 1..4_usize,
        faults in 0..6_usize,
    ) {
        check(&history, batch, runners, faults);
    }
}
