//! Many messages.

use std::collections::HashSet;

use super::channels::KitChannel;
use super::durable::keys;
use super::log::{Log, by_aggregate};
use super::subject::{Case, Subject, pokemon, trainer};

/// Of many messages (10 000, unless [waived](super::ChannelCapabilities::volume)) none is lost, and none is handled twice
/// where the adapter delivers once; where order is promised they come in order.
pub async fn of_many_messages_none_is_lost<C: KitChannel>(subject: &dyn Subject<C>) {
    const BATCH: usize = 500;
    const BACKLOG: usize = 500;
    let volume = subject.capabilities().volume;
    if volume == 0 {
        return;
    }
    let case = Case::new(subject).await;
    let aggregates = volume.min(50);
    let numbers = volume.div_ceil(aggregates) as u64;
    let messages: Vec<_> = (1..=numbers)
        .flat_map(|number| {
            (0..aggregates).map(move |aggregate| match aggregate % 2 {
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
    let all = |log: &Log| log.count() >= messages.len() && keys(log).len() >= messages.len();
    case.log.until("all messages", all).await;
    tokio::time::sleep(case.capabilities.quiet).await;
    let calls = case.log.calls();
    if case.capabilities.exactly_once {
        assert_eq!(calls.len(), messages.len(), "calls of the handler");
    }
    let by_aggregate = by_aggregate(&calls);
    assert_eq!(by_aggregate.len(), aggregates);
    for (aggregate, mut found) in by_aggregate {
        // A repetition may come whenever it likes.
        let mut seen = HashSet::new();
        found.retain(|number| seen.insert(*number));
        if super::delivery::ordered::<C>() {
            assert!(found.is_sorted(), "the order of {aggregate:?}");
        }
        found.sort_unstable();
        assert!(found.into_iter().eq(1..=numbers), "the messages of {aggregate:?}");
    }
    assert_eq!(case.log.dead(), []);
}
