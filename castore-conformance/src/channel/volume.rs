//! Many messages.

use super::channels::KitChannel;
use super::log::by_aggregate;
use super::subject::{Case, Subject, pokemon, trainer};

/// Of many messages (10 000, unless [waived](super::ChannelCapabilities::volume)) none is lost, and none is handled twice
/// where the adapter delivers once; where order is promised they come in order.
pub async fn of_many_messages_none_is_lost<C: KitChannel>(subject: &dyn Subject<C>) {
    const AGGREGATES: usize = 50;
    const BATCH: usize = 500;
    const BACKLOG: usize = 500;
    let case = Case::new(subject).await;
    let numbers = (case.capabilities.volume / AGGREGATES) as u64;
    let messages: Vec<_> = (1..=numbers)
        .flat_map(|number| {
            (0..AGGREGATES).map(move |aggregate| match aggregate % 2 {
                0 => pokemon::<C>(&format!("a{aggregate}"), number),
                _ => trainer::<C>(&format!("a{aggregate}"), number),
            })
        })
        .collect();
    for (published, batch) in messages.chunks(BATCH).enumerate() {
        // Many messages, and not a long queue: emulators of brokers search through that for each request.
        let handled = (published * BATCH).saturating_sub(BACKLOG);
        case.log.until("most of what is published", |log| log.count() >= handled).await;
        case.publish_batch(batch.to_vec()).await;
    }
    let calls = case.log.settle(messages.len()).await;
    let by_aggregate = by_aggregate(&calls);
    assert_eq!(by_aggregate.len(), AGGREGATES);
    for (aggregate, mut found) in by_aggregate {
        if super::delivery::ordered::<C>() {
            assert!(found.is_sorted(), "the order of {aggregate:?}");
        }
        found.sort_unstable();
        assert!(found.into_iter().eq(1..=numbers), "the messages of {aggregate:?}");
    }
    assert_eq!(case.log.dead(), []);
}
