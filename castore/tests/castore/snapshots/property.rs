//! A property test: with random pushes, rewrites and loads of two processes, an aggregate that is loaded with snapshots
//! equals the one that is loaded without snapshots.

use castore::prelude::*;
use castore::snapshot::{InMemorySnapshotAdapter, Snapshots};
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::support::{Counter, JsonSnapshots, added};

#[derive(Debug, Clone)]
enum Step {
    Push { id: u8, by_other: bool },
    Rewrite { id: u8, version: u64, by_other: bool },
    Load { id: u8, max_version: Option<u64>, by_other: bool },
    Damage,
}

fn step() -> impl Strategy<Value = Step> {
    let id = 0..3_u8;
    prop_oneof![
        5 => (id.clone(), any::<bool>()).prop_map(|(id, by_other)| Step::Push { id, by_other }),
        1 => (id.clone(), 1..12_u64, any::<bool>())
            .prop_map(|(id, version, by_other)| Step::Rewrite { id, version, by_other }),
        4 => (id, proptest::option::weighted(0.2, 1..12_u64), any::<bool>())
            .prop_map(|(id, max_version, by_other)| Step::Load { id, max_version, by_other }),
        1 => Just(Step::Damage),
    ]
}

proptest! {
    #![proptest_config(Config { cases: 200, failure_persistence: None, ..Config::default() })]

    #[test]
    fn aggregates_are_the_same_with_snapshots(steps in proptest::collection::vec(step(), 1..80), every in 1..5_u64, keep in 1..3_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let storage = InMemoryEventStorageAdapter::new();
            let kept = JsonSnapshots::default();
            // Two processes with separate caches and one storage.
            let stores = [(); 2].map(|()| {
                EventStore::<Counter>::new(storage.clone())
                    .with_snapshots(Snapshots::new(InMemorySnapshotAdapter::with_capacity(2)))
                    .with_snapshots(Snapshots::new(kept.clone()).every(every).keep(keep))
            });
            let plain = EventStore::<Counter>::new(storage.clone());
            for (at, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push { id, by_other } => {
                        let id = id.to_string();
                        let version = plain.get_events(&id).await.unwrap().len() as u64 + 1;
                        stores[usize::from(by_other)].push_event(added(&id, version, at as u64)).await.unwrap();
                    }
                    Step::Rewrite { id, version, by_other } => {
                        let id = id.to_string();
                        if version <= plain.get_events(&id).await.unwrap().len() as u64 {
                            let event = added(&id, version, 1_000 + at as u64);
                            stores[usize::from(by_other)].push_event(event).force(true).await.unwrap();
                        }
                    }
                    Step::Load { id, max_version, by_other } => {
                        let id = id.to_string();
                        let max = max_version.unwrap_or(u64::MAX);
                        let expected = plain.get_aggregate(&id).max_version(max).await.unwrap().aggregate;
                        let store = &stores[usize::from(by_other)];
                        let loaded = match max_version {
                            Some(max) => store.get_aggregate(&id).max_version(max).without_events().await,
                            None => store.get_aggregate(&id).without_events().await,
                        };
                        assert_eq!(loaded.unwrap(), expected);
                    }
                    Step::Damage => kept.overwrite(r#"{"digest":null}"#),
                }
            }
        });
    }
}
