//! Tests of failing handlers: retries and dead letters.

use std::time::Duration;

use super::channels::{KitChannel, json_of};
use super::log::{Answer, Call};
use super::subject::{Case, RETRIES, Subject, pokemon, trainer};

fn attempts(calls: &[Call]) -> Vec<(u32, u32)> {
    calls.iter().map(|call| (call.context.attempt, call.context.retry_attempts_left)).collect()
}

/// Tests that a message whose handler failed is retried after the delay, with the same content. The attempt number in
/// the context increases and the number of remaining retries decreases. Publishing succeeds, and there is no dead
/// letter.
pub async fn a_failed_message_is_tried_again<C: KitChannel>(subject: &dyn Subject<C>) {
    let fails_twice = |call: &Call| if call.context.attempt < 3 { Answer::Fail } else { Answer::Done };
    let case = Case::answering(subject, 3, fails_twice).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    let calls = case.log.settle(3).await;
    assert_eq!(attempts(&calls), [(1, 3), (2, 2), (3, 1)]);
    for call in &calls {
        assert_eq!(call.json, json_of(&pokemon::<C>("a", 1)));
    }
    for pair in calls.windows(2) {
        let gap = pair[1].at - pair[0].at;
        // The clock of a broker may have a low resolution.
        assert!(gap + Duration::from_millis(5) >= case.capabilities.retry_delay, "retried after only {gap:?}");
    }
    assert_eq!(case.log.dead(), []);
}

/// Tests that a message that always fails is attempted as often as the policy allows. It is then reported as a dead
/// letter that contains the whole message.
pub async fn an_exhausted_message_is_a_dead_letter<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |_| Answer::Fail).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    let calls = case.log.settle(3).await;
    assert_eq!(attempts(&calls), [(1, 2), (2, 1), (3, 0)]);
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(json_of(&pokemon::<C>("a", 1)), 3, false)]);
}

/// Tests that without retries, the first failure makes a message a dead letter.
pub async fn without_retries_a_failure_is_final<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, 0, |_| Answer::Fail).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    assert_eq!(attempts(&case.log.settle(1).await), [(1, 0)]);
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(json_of(&pokemon::<C>("a", 1)), 1, false)]);
}

/// Tests that a permanent failure makes a message a dead letter immediately, regardless of the remaining retries.
pub async fn a_permanent_failure_is_not_tried_again<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |_| Answer::FailPermanently).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    case.log.settle(1).await;
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(json_of(&pokemon::<C>("a", 1)), 1, false)]);
}

/// Tests that a panic in a handler is a failure: the message is retried, and later messages arrive.
pub async fn a_panic_is_a_failure<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |call| match (&*call.aggregate, call.context.attempt) {
        ("panics", 1) => Answer::Panic,
        // The panic occurs in the closure that creates the future instead of in the future itself.
        ("panics", 2) => panic!("a panic that the kit made"),
        _ => Answer::Done,
    })
    .await;
    case.publish([pokemon::<C>("panics", 1), pokemon::<C>("other", 1), trainer::<C>("other", 1)]).await;
    case.log
        .until("all that is published", |log| {
            let calls = log.calls();
            calls.iter().any(|call| call.aggregate == "panics" && call.context.attempt == 3)
                && calls.iter().filter(|call| call.aggregate == "other").count() >= 2
        })
        .await;
    assert_eq!(case.log.dead(), []);
}

/// Tests that an error whose `Display` panics is handled like any other error: the message is retried according to the
/// policy and then becomes a dead letter, and later messages arrive.
pub async fn an_error_whose_text_panics_is_a_failure<C: KitChannel>(subject: &dyn Subject<C>) {
    let fails = |call: &Call| if call.aggregate == "bad" { Answer::FailUnprintably } else { Answer::Done };
    let case = Case::answering(subject, RETRIES, fails).await;
    case.publish([pokemon::<C>("bad", 1), pokemon::<C>("good", 1), trainer::<C>("good", 1)]).await;
    let calls = case.log.settle(3 + 2).await;
    let of_bad: Vec<_> = calls.iter().filter(|call| call.aggregate == "bad").cloned().collect();
    assert_eq!(attempts(&of_bad), [(1, 2), (2, 1), (3, 0)]);
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(json_of(&pokemon::<C>("bad", 1)), 3, false)]);
}

/// Tests that a message that fails repeatedly neither delays the messages of other aggregates nor causes them to be
/// redelivered.
pub async fn a_failing_message_does_not_disturb_others<C: KitChannel>(subject: &dyn Subject<C>) {
    let fails = |call: &Call| if call.aggregate == "bad" { Answer::Fail } else { Answer::Done };
    let case = Case::answering(subject, RETRIES, fails).await;
    let mut messages = vec![pokemon::<C>("bad", 1)];
    messages.extend((0..20).map(|n| trainer::<C>(&format!("good{n}"), 1)));
    case.publish_batch(messages).await;
    let calls = case.log.settle(3 + 20).await;
    let of_bad = calls.iter().filter(|call| call.aggregate == "bad").count();
    assert_eq!(of_bad, 3);
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead().len(), 1);
    // For a new message of the same aggregate, the attempts start at 1 again.
    case.publish([pokemon::<C>("good0", 2)]).await;
    assert_eq!(attempts(&case.log.settle(24).await)[23], (1, RETRIES));
}

/// Tests that if many messages fail different numbers of times, each message is either handled or becomes a dead
/// letter, and never both.
pub async fn every_message_ends_handled_or_dead<C: KitChannel>(subject: &dyn Subject<C>) {
    // Each message fails between 0 and 4 times. With 3 or more failures, the retries are not sufficient.
    let failures = |number: u64| (number * 7 + number / 3) % 5;
    let case = Case::answering(subject, RETRIES, move |call| {
        if u64::from(call.context.attempt) <= failures(call.number) { Answer::Fail } else { Answer::Done }
    })
    .await;
    let messages: Vec<_> = (1..=60).map(|number| pokemon::<C>(&format!("a{number}"), number)).collect();
    case.publish_batch(messages).await;
    let calls: u64 = (1..=60).map(|number| failures(number).min(2) + 1).sum();
    let calls = case.log.settle(calls as usize).await;
    let dead = (1..=60).filter(|number| failures(*number) > 2).count();
    case.log.until("all dead letters", |log| log.dead().len() >= dead).await;
    assert_eq!(case.log.dead().len(), dead);
    for number in 1..=60 {
        let of_one = calls.iter().filter(|call| call.number == number);
        let of_one: Vec<_> = of_one.map(|call| call.context.attempt).collect();
        let expected: Vec<u32> = (1..=failures(number).min(2) as u32 + 1).collect();
        assert_eq!(of_one, expected, "the attempts of message {number}");
    }
}

/// Tests that publishing succeeds regardless of the outcome of the handler.
pub async fn handler_failures_do_not_reach_publishers<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, 0, |_| Answer::FailPermanently).await;
    for number in 1..=10 {
        let message = pokemon::<C>("a", number);
        case.channel.publish_message(message).await.expect("it is published");
    }
    case.log.until("ten dead letters", |log| log.dead().len() == 10).await;
}
