//! Tests of channels that guarantee the order of each aggregate: `#[channel(order = "per_aggregate")]`.

use std::sync::Arc;

use castore_core::channel::{MessageChannel, MessageOrder, PerAggregate};
use tokio::sync::Semaphore;

use super::channels::KitChannel;
use super::log::{Answer, by_aggregate};
use super::subject::{Case, RETRIES, Subject, mixed, pokemon, trainer};

/// Asserts at compile time that the channel guarantees the order of each aggregate.
fn assert_ordered<C: MessageChannel<Order = PerAggregate>>() {
    const { assert!(C::Order::PER_AGGREGATE) };
}

/// Tests that while a message is retried, later messages of its aggregate wait. Messages of other aggregates do not
/// wait.
pub async fn later_messages_wait_for_a_retry<C: KitChannel + MessageChannel<Order = PerAggregate>>(
    subject: &dyn Subject<C>,
) {
    assert_ordered::<C>();
    // The first attempt fails only after all messages have reached the broker.
    let published = Arc::new(Semaphore::new(0));
    let gate = published.clone();
    let case = Case::answering(subject, RETRIES, move |call| match (call.store, &*call.aggregate, call.number) {
        ("POKEMONS", "held", 1) if call.context.attempt < 3 => Answer::FailWhen(gate.clone()),
        _ => Answer::Done,
    })
    .await;
    case.publish_batch(vec![pokemon::<C>("held", 1), pokemon::<C>("held", 2), trainer::<C>("held", 1)]).await;
    case.publish([pokemon::<C>("free", 1), pokemon::<C>("held", 3), trainer::<C>("held", 2)]).await;
    published.add_permits(1);
    let calls = case.log.settle(6 + 2).await;
    let numbers = by_aggregate(&calls);
    let of = |store, aggregate: &str| numbers[&(store, aggregate.to_owned())].clone();
    assert_eq!(of("POKEMONS", "held"), [1, 1, 1, 2, 3]);
    assert_eq!(of("TRAINERS", "held"), [1, 2], "the same id in another store is another aggregate");
    let place = |key, attempt| {
        let place = calls.iter().position(|call| call.key() == key && call.context.attempt == attempt);
        place.expect("a call")
    };
    let retried = place(("POKEMONS", "held", 1), 3);
    assert!(place(("POKEMONS", "free", 1), 1) < retried, "another aggregate waited: {calls:#?}");
    assert!(place(("TRAINERS", "held", 2), 1) < retried, "another aggregate waited: {calls:#?}");
}

/// Tests that if messages fail at random, the messages of each aggregate are still attempted in order. Each message is
/// attempted until it succeeds.
pub async fn order_survives_failures_at_random<C: KitChannel + MessageChannel<Order = PerAggregate>>(
    subject: &dyn Subject<C>,
) {
    const NUMBERS: u64 = 8;
    let failures = |aggregate: &str, number: u64| {
        let hash = aggregate.bytes().fold(number * 31, |hash, byte| hash * 7 + u64::from(byte));
        [0, 0, 1, 0, 2, 0, 0][(hash % 7) as usize]
    };
    let case = Case::answering(subject, RETRIES, move |call| {
        if call.context.attempt <= failures(&call.aggregate, call.number) { Answer::Fail } else { Answer::Done }
    })
    .await;
    let messages = mixed::<C>(5, NUMBERS);
    let (batch, singles) = messages.split_at(messages.len() / 2);
    case.publish_batch(batch.to_vec()).await;
    case.publish(singles.to_vec()).await;
    let expected = |aggregate: &str| -> Vec<u64> {
        (1..=NUMBERS).flat_map(|number| std::iter::repeat_n(number, failures(aggregate, number) as usize + 1)).collect()
    };
    let calls: usize = (0..5).map(|aggregate| 2 * expected(&format!("a{aggregate}")).len()).sum();
    for ((store, aggregate), numbers) in by_aggregate(&case.log.settle(calls).await) {
        assert_eq!(numbers, expected(&aggregate), "{store} {aggregate}");
    }
}

/// Tests that after a dead letter, the later messages of its aggregate are delivered in order.
pub async fn order_continues_after_a_dead_letter<C: KitChannel + MessageChannel<Order = PerAggregate>>(
    subject: &dyn Subject<C>,
) {
    let case = Case::answering(subject, 1, |call| match call.number {
        2 => Answer::Fail,
        4 => Answer::FailPermanently,
        _ => Answer::Done,
    })
    .await;
    case.publish_batch((1..=6).map(|number| pokemon::<C>("a", number)).collect()).await;
    let calls = case.log.settle(7).await;
    assert_eq!(by_aggregate(&calls).into_values().collect::<Vec<_>>(), [vec![1, 2, 2, 3, 4, 5, 6]]);
    case.log.until("two dead letters", |log| log.dead().len() == 2).await;
}

/// Tests that with concurrent publishers of different aggregates and random failures, the messages of each aggregate
/// arrive in the order in which they were published.
pub async fn concurrent_publishers_keep_their_order<C: KitChannel + MessageChannel<Order = PerAggregate>>(
    subject: &dyn Subject<C>,
) {
    const NUMBERS: u64 = 25;
    let fails = |number: u64| number.is_multiple_of(10);
    let case = Case::answering(subject, RETRIES, move |call| {
        if fails(call.number) && call.context.attempt == 1 { Answer::Fail } else { Answer::Done }
    })
    .await;
    let mut tasks = tokio::task::JoinSet::new();
    for publisher in 0..6 {
        let channel = case.channel.clone();
        tasks.spawn(async move {
            for number in 1..=NUMBERS {
                let message = pokemon::<C>(&format!("p{publisher}"), number);
                channel.publish_message(message).await.expect("it is published");
            }
        });
    }
    tasks.join_all().await;
    let expected: Vec<u64> = (1..=NUMBERS).flat_map(|n| std::iter::repeat_n(n, 1 + usize::from(fails(n)))).collect();
    for (aggregate, numbers) in by_aggregate(&case.log.settle(6 * expected.len()).await) {
        assert_eq!(numbers, expected, "{aggregate:?}");
    }
}
