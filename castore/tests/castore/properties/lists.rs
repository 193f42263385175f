//! Property tests that compare pages of aggregates with a sorted list.

use castore::prelude::*;
use proptest::prelude::*;

use super::{config, day, run};
use crate::messaging::counter::{Counter, CounterEvent};

proptest! {
    #![proptest_config(config(150))]

    /// There are few days and many aggregates, so that many aggregates have the same timestamp. Further aggregates are
    /// added during the listing. Each of the earlier aggregates must still be listed exactly once.
    #[test]
    fn pages_add_up(
        days in prop::collection::vec(0u8..5, 0..40),
        limit in 1u64..9,
        reverse in any::<bool>(),
        after in prop::option::of(0u8..5),
        before in prop::option::of(0u8..5),
        late in prop::collection::vec(0u8..5, 0..5),
    ) {
        run(async move {
            let counters = EventStore::<Counter>::new(InMemoryEventStorageAdapter::new());
            let push = async |id: String, at: u8| {
                counters.push_event(NewEvent::new(id, 1, CounterEvent::Counted(0)).timestamp(day(at))).await.unwrap();
            };
            let mut wanted = Vec::new();
            for (number, at) in days.iter().enumerate() {
                // The order of the ids differs from the order of the pushes.
                let id = format!("id{:03}", (number * 37) % 100);
                push(id.clone(), *at).await;
                if after.is_none_or(|after| *at >= after) && before.is_none_or(|before| *at <= before) {
                    wanted.push((*at, id));
                }
            }
            wanted.sort();
            if reverse {
                wanted.reverse();
            }
            let mut request = counters.list_aggregate_ids().limit(limit).reverse(reverse);
            if let Some(after) = after {
                request = request.initial_event_after(day(after));
            }
            if let Some(before) = before {
                request = request.initial_event_before(day(before));
            }
            let mut page = request.await.unwrap();
            let (mut ids, mut late) = (Vec::new(), late.into_iter());
            loop {
                assert!(page.aggregate_ids.len() as u64 <= limit);
                ids.extend(page.aggregate_ids.into_iter().map(|listed| listed.aggregate_id));
                let Some(token) = page.next_page_token else { break };
                if let Some(at) = late.next() {
                    push(format!("late{}", late.len()), at).await;
                }
                page = counters.list_aggregate_ids().page_token(token).await.unwrap();
            }
            ids.retain(|id| !id.starts_with("late"));
            assert_eq!(ids, wanted.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
        });
    }
}
