//! Tests that messages survive their consumers. These tests run only for adapters whose capabilities are
//! [`durable`](super::ChannelCapabilities::durable).

use std::collections::HashSet;
use std::time::Duration;

use super::channels::KitChannel;
use super::log::{Answer, Log, by_aggregate};
use super::subject::{Case, RETRIES, Subject, mixed, pokemon, trainer};

/// The duration of handlers that the test kills before they end.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// Tests that if a consumer is killed, the messages that it has received are delivered to the next consumer, even if
/// the killed consumer had started to handle them.
pub async fn messages_of_a_killed_consumer_are_redelivered<C: KitChannel>(subject: &dyn Subject<C>) {
    if !subject.capabilities().durable {
        return;
    }
    let case = Case::answering(subject, RETRIES, |_| Answer::Slowly(FOR_EVER)).await;
    let messages: Vec<_> =
        (1..=4).flat_map(|number| [pokemon::<C>("killed", number), trainer::<C>("killed", number)]).collect();
    case.publish_batch(messages.clone()).await;
    case.log.until("a handler has begun", |log| !log.calls().is_empty()).await;
    case.consumer.kill().await;
    let begun = case.log.calls().len();
    let next = Log::new(&case.capabilities);
    case.consumer.handle(next.handler(|_| Answer::Done)).await;
    next.until("all messages", |log| keys(log).len() >= messages.len()).await;
    assert_eq!(case.log.calls().len(), begun, "the killed handler was called again");
    assert_eq!(keys(&next).len(), messages.len());
    assert!(next.calls().iter().all(|call| !call.context.replay));
}

/// Tests that messages that are published while no consumer is running wait for the next consumer.
pub async fn messages_wait_for_the_next_consumer<C: KitChannel>(subject: &dyn Subject<C>) {
    if !subject.capabilities().durable {
        return;
    }
    const BEFORE: u64 = 200;
    let case = Case::new(subject).await;
    case.publish_batch((1..=BEFORE).map(|number| pokemon::<C>("before", number)).collect()).await;
    case.log.settle(BEFORE as usize).await;
    case.consumer.kill().await;
    case.publish([pokemon::<C>("meanwhile", 1)]).await;
    case.publish_batch(mixed::<C>(2, 3)).await;
    let next = Log::new(&case.capabilities);
    case.consumer.handle(next.handler(|_| Answer::Done)).await;
    let meanwhile = |log: &Log| keys(log).into_iter().filter(|(_, aggregate, _)| aggregate != "before").count();
    next.until("all messages", |log| meanwhile(log) == 1 + 12).await;
    tokio::time::sleep(case.capabilities.quiet).await;
    assert_eq!(meanwhile(&next), 1 + 12);
    // Some of the last messages may be redelivered, because a killed consumer may not have acknowledged them. Most of
    // the messages must not be redelivered.
    let again = keys(&next).len() - (1 + 12);
    assert!(again < BEFORE as usize / 2, "{again} of {BEFORE} handled messages were redelivered");
}

/// Tests that if consumers are killed repeatedly while messages are published and handled, every message is still
/// handled. On ordered channels, the first deliveries are in order.
pub async fn consumers_killed_again_and_again_lose_nothing<C: KitChannel>(subject: &dyn Subject<C>) {
    const NUMBERS: u64 = 30;
    const KILLS: u64 = 3;
    if !subject.capabilities().durable {
        return;
    }
    // The delay is long enough that a killed consumer usually has a message in progress.
    const HANDLING: Duration = Duration::from_millis(3);
    // The number of attempts is high, so that no message becomes a dead letter only because its handlers were killed.
    let case = Case::answering(subject, 50, |_| Answer::DoneAfter(HANDLING)).await;
    let channel = case.channel.clone();
    let publisher = tokio::spawn(async move {
        for number in 1..=NUMBERS {
            let messages = (0..4).flat_map(|aggregate| {
                let aggregate = format!("a{aggregate}");
                [pokemon::<C>(&aggregate, number), trainer::<C>(&aggregate, number)]
            });
            channel.publish_messages(messages.collect::<Vec<_>>()).await.expect("messages are published");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    for round in 1..=KILLS {
        let some = 20 * round as usize;
        case.log.until("some messages", |log| keys(log).len() >= some).await;
        case.consumer.kill().await;
        case.consumer.handle(case.log.handler(|_| Answer::DoneAfter(HANDLING))).await;
    }
    publisher.await.expect("the publisher is done");
    let all = 8 * NUMBERS as usize;
    case.log.until("all messages", |log| keys(log).len() >= all).await;
    assert_eq!(keys(&case.log).len(), all);
    assert_eq!(case.log.dead(), []);
    if super::delivery::ordered::<C>() {
        for (aggregate, numbers) in by_aggregate(&case.log.calls()) {
            let mut seen = HashSet::new();
            let first: Vec<_> = numbers.into_iter().filter(|number| seen.insert(*number)).collect();
            assert!(first.is_sorted(), "the first deliveries of {aggregate:?}: {first:?}");
        }
    }
}

/// Returns the distinct keys (event store, aggregate, number) of the messages in the log.
pub(crate) fn keys(log: &Log) -> HashSet<(&'static str, String, u64)> {
    log.calls().into_iter().map(|call| (call.store, call.aggregate, call.number)).collect()
}
