//! Tests with many messages.

use std::collections::HashSet;

use super::channels::KitChannel;
use super::durable::keys;
use super::log::{Log, by_aggregate};
use super::subject::{Case, Subject, pokemon, trainer};

/// Tests that if many messages are published, no message is lost. Adapters that deliver exactly once handle no message
/// twice, and ordered channels deliver the messages in order. The test publishes 10,000 messages unless the adapter
/// sets another [volume](super::ChannelCapabilities::volume).
pub async fn many_messages_are_all_handled<C: KitChannel>(subject: &dyn Subject<C>) {
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
        // The wait keeps the queue short, because emulators of brokers search the whole queue on each request.
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
        // A redelivered message may arrive at any point, so only the first delivery counts.
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
