//! Tests that the replay flag is delivered with the message.

use super::channels::KitChannel;
use super::log::Answer;
use super::subject::{Case, RETRIES, Subject, mixed, pokemon};

/// Tests that the context of the handler shows whether a message is a replay, both for messages that were published
/// singly and for messages of a batch.
pub async fn handlers_see_the_replay_flag<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.publish([pokemon::<C>("live", 1)]).await;
    case.channel.publish_message(pokemon::<C>("again", 1)).replay(true).await.expect("a replay is published");
    case.channel.publish_messages(mixed::<C>(3, 4)).replay(true).await.expect("replays are published");
    case.channel.publish_messages(vec![pokemon::<C>("live", 2)]).replay(false).await.expect("it is published");
    for call in case.log.settle(2 + 1 + 24).await {
        assert_eq!(call.context.replay, call.aggregate != "live", "{call:?}");
    }
}

/// Tests that a replay arrives even if the same message has arrived before. The broker must not drop the replay as a
/// duplicate.
pub async fn replays_are_not_deduplicated<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    case.log.settle(1).await;
    case.channel.publish_message(pokemon::<C>("a", 1)).replay(true).await.expect("a replay is published");
    let calls = case.log.settle(2).await;
    assert_eq!(calls[0].json, calls[1].json);
    assert_eq!(calls.iter().map(|call| call.context.replay).collect::<Vec<_>>(), [false, true]);
}

/// Tests that a replay keeps its replay flag when it is retried and when it becomes a dead letter.
pub async fn replays_stay_replays_through_retries<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |_| Answer::Fail).await;
    case.channel.publish_message(pokemon::<C>("again", 1)).replay(true).await.expect("a replay is published");
    let calls = case.log.settle(RETRIES as usize + 1).await;
    assert!(calls.iter().all(|call| call.context.replay), "{calls:#?}");
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert!(case.log.dead()[0].2, "the dead letter is a replay");
}
