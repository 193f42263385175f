//! The replay flag goes wherever the message goes.

use super::channels::KitChannel;
use super::log::Answer;
use super::subject::{Case, RETRIES, Subject, mixed, pokemon};

/// Handlers are told which messages are replays, published singly or in batches, and which are not.
pub async fn handlers_are_told_of_replays<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.publish([pokemon::<C>("live", 1)]).await;
    case.channel.publish_message(pokemon::<C>("again", 1)).replay(true).await.expect("a replay is published");
    case.channel.publish_messages(mixed::<C>(3, 4)).replay(true).await.expect("replays are published");
    case.channel.publish_messages(vec![pokemon::<C>("live", 2)]).replay(false).await.expect("it is published");
    for call in case.log.settle(2 + 1 + 24).await {
        assert_eq!(call.context.replay, call.aggregate != "live", "{call:?}");
    }
}

/// A replay arrives although the same message arrived before: it is no duplicate to be dropped.
pub async fn a_replay_is_no_duplicate<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    case.log.settle(1).await;
    case.channel.publish_message(pokemon::<C>("a", 1)).replay(true).await.expect("a replay is published");
    let calls = case.log.settle(2).await;
    assert_eq!(calls[0].json, calls[1].json);
    assert_eq!(calls.iter().map(|call| call.context.replay).collect::<Vec<_>>(), [false, true]);
}

/// A replay that is tried again is still a replay, and so it is as a dead letter.
pub async fn replays_stay_replays_through_retries<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |_| Answer::Fail).await;
    case.channel.publish_message(pokemon::<C>("again", 1)).replay(true).await.expect("a replay is published");
    let calls = case.log.settle(RETRIES as usize + 1).await;
    assert!(calls.iter().all(|call| call.context.replay), "{calls:#?}");
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert!(case.log.dead()[0].2, "the dead letter is a replay");
}
