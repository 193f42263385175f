//! Tests that all messages arrive once and unchanged.

use std::time::{Duration, Instant};

use castore_core::channel::PublishError;

use super::channels::KitChannel;
use super::log::{Answer, by_aggregate};
use super::subject::{Case, RETRIES, Subject, mixed, named, pokemon, trainer};

/// Tests that every message arrives once and with unchanged content: messages of both stores, of all event types, with
/// and without payload and metadata. The context of the handler shows that this is the first attempt, how many retries
/// are left, and that the message is not a replay.
pub async fn every_message_arrives_once<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let messages = mixed::<C>(2, 6);
    case.publish(messages.clone()).await;
    for call in case.expect_once(&messages).await {
        let context = &call.context;
        assert_eq!((context.attempt, context.retry_attempts_left, context.replay), (1, RETRIES, false), "{call:?}");
    }
    assert_eq!(case.log.dead(), []);
}

/// Tests that a batch arrives completely, even if it mixes stores and aggregates and exceeds the batch size of the
/// broker.
pub async fn a_batch_arrives_whole<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let messages = mixed::<C>(4, 8);
    case.publish_batch(messages.clone()).await;
    case.expect_once(&messages).await;
}

/// Tests that a batch of one message is valid.
pub async fn a_batch_of_one_arrives<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.publish_batch(vec![pokemon::<C>("a", 1)]).await;
    case.expect_once(&[pokemon::<C>("a", 1)]).await;
}

/// Tests that publishing an empty batch succeeds, and no message arrives.
pub async fn an_empty_batch_is_published<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.publish_batch(vec![]).await;
    case.expect_once(&[]).await;
    // Later messages still arrive.
    case.publish([pokemon::<C>("a", 1)]).await;
    case.expect_once(&[pokemon::<C>("a", 1)]).await;
}

/// Tests that as long as no message is retried, the messages of each aggregate arrive in the order in which they were
/// published, singly or in batches. Adapters may waive this requirement for unordered channels.
pub async fn messages_of_an_aggregate_arrive_in_order<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let messages = mixed::<C>(3, 20);
    let (singles, batch) = messages.split_at(messages.len() / 2);
    case.publish(singles.to_vec()).await;
    case.publish_batch(batch.to_vec()).await;
    let calls = case.expect_once(&messages).await;
    if case.capabilities.fifo || ordered::<C>() {
        for (aggregate, numbers) in by_aggregate(&calls) {
            assert_eq!(numbers, (1..=20).collect::<Vec<_>>(), "{aggregate:?}");
        }
    }
}

pub(crate) fn ordered<C: KitChannel>() -> bool {
    <C::Order as castore_core::channel::MessageOrder>::PER_AGGREGATE
}

/// Tests that with concurrent publishers of single messages and batches, no message is lost or duplicated.
pub async fn concurrent_publishers_lose_nothing<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let mut messages = Vec::new();
    let mut tasks = tokio::task::JoinSet::new();
    for publisher in 0..8 {
        let own: Vec<_> = (1..=40).map(|number| pokemon::<C>(&format!("p{publisher}"), number)).collect();
        messages.extend(own.clone());
        let channel = case.channel.clone();
        tasks.spawn(async move {
            if publisher % 2 == 0 {
                for message in own {
                    channel.publish_message(message).await.expect("a message is published");
                }
            } else {
                for batch in own.chunks(7) {
                    channel.publish_messages(batch.to_vec()).await.expect("a batch is published");
                }
            }
        });
    }
    tasks.join_all().await;
    case.expect_once(&messages).await;
}

/// Tests that any text in payloads, metadata and aggregate ids arrives unchanged: Unicode, quotes, control characters,
/// and text that looks like markup or a separator.
pub async fn any_text_arrives<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let texts = [
        "",
        " ",
        "日本語 עברית 🦀👩‍👩‍👧‍👦",
        "a\u{301} á \u{202e}abc \u{feff}",
        "\"quoted\" 'single' back\\slash",
        "tab\tnewline\r\nnul\0 \u{1} \u{7f} \u{85}",
        "<xml>&amp;]]></xml>",
        "{\"json\":[1]}",
        "a#b:c/d.e*f>g",
        "\u{ffff}\u{10ffff}",
    ];
    let messages: Vec<_> = (1..)
        .zip(texts)
        .flat_map(|(number, text)| [named::<C>(text, number, text), named::<C>("plain", number, text)])
        .collect();
    case.publish(messages.clone()).await;
    case.expect_once(&messages).await;
}

/// Tests that a message of 200 kB arrives. If the limit of the broker is lower, the adapter must store the content
/// elsewhere.
pub async fn a_message_of_200_kb_arrives<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    // Both the payload and the metadata contain the text.
    let message = named::<C>("large", 2, &"x".repeat(100_000));
    case.publish([message.clone()]).await;
    case.expect_once(&[message]).await;
}

/// Tests that a message with more than 1 MiB of text arrives, or is rejected permanently if the broker has a limit. The
/// smaller messages of the same batch arrive in both cases.
pub async fn a_large_message_arrives_or_is_refused<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let large = named::<C>("large", 2, &"é🦀 ".repeat(150_000));
    let length = super::channels::json_of(&large).to_string().len();
    let batch = vec![pokemon::<C>("a", 1), large.clone(), pokemon::<C>("b", 1)];
    match case.channel.publish_messages(batch.clone()).await {
        Ok(()) => {
            case.expect_once(&batch).await;
        }
        Err(PublishError::Rejected { total, rejected }) if length > case.capabilities.max_message_len => {
            let rejected: Vec<_> = rejected.iter().map(|message| (message.index, message.permanent)).collect();
            assert_eq!((total, rejected), (3, vec![(1, true)]));
            case.expect_once(&[batch[0].clone(), batch[2].clone()]).await;
        }
        Err(error) => panic!("a message of {length} bytes in a batch: {error:?}"),
    }
}

/// Tests that the same aggregate id in two stores denotes two aggregates: the broker must not deduplicate their
/// messages as if they belonged to one aggregate.
pub async fn the_same_id_in_two_stores_is_two_messages<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let messages = [pokemon::<C>("same", 1), trainer::<C>("same", 1)];
    case.publish(messages.clone()).await;
    case.publish_batch(vec![pokemon::<C>("same", 2), trainer::<C>("same", 2)]).await;
    case.expect_once(&[&messages[..], &[pokemon::<C>("same", 2), trainer::<C>("same", 2)]].concat()).await;
}

/// Tests that publishing returns when the broker has accepted the message, without waiting for the handler.
pub async fn publishing_does_not_wait_for_the_handler<C: KitChannel>(subject: &dyn Subject<C>) {
    // Even on a busy machine, publishing takes less time than this.
    const HANDLING: Duration = Duration::from_secs(15);
    let case = Case::answering(subject, RETRIES, |call| match &*call.aggregate {
        "slow" => Answer::Slowly(HANDLING),
        _ => Answer::Done,
    })
    .await;
    let begin = Instant::now();
    case.publish([pokemon::<C>("slow", 1)]).await;
    let first = begin.elapsed();
    case.log.until("the slow handler has begun", |log| !log.calls().is_empty()).await;
    let begin = Instant::now();
    case.publish([pokemon::<C>("other", 1)]).await;
    let second = begin.elapsed();
    assert!(first < HANDLING && second < HANDLING, "publishing took {first:?} and {second:?}");
}
