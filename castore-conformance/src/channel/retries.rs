//! Handlers that fail.

use std::time::Duration;

use super::channels::{KitChannel, json_of};
use super::log::{Answer, Call};
use super::subject::{Case, RETRIES, Subject, pokemon, trainer};

fn attempts(calls: &[Call]) -> Vec<(u32, u32)> {
    calls.iter().map(|call| (call.context.attempt, call.context.retry_attempts_left)).collect()
}

/// A message whose handler failed is tried again after the delay, with the same content; the handler counts up the
/// attempts and down what is left; the publisher does not hear of it, and nothing is dead in the end.
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
        // Clocks of brokers may be coarse.
        assert!(gap + Duration::from_millis(5) >= case.capabilities.retry_delay, "tried again after {gap:?} already");
    }
    assert_eq!(case.log.dead(), []);
}

/// A message that always fails is tried as often as the policy says, not once more, and is then reported as a dead
/// letter, whole: it does not vanish.
pub async fn an_exhausted_message_is_a_dead_letter<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |_| Answer::Fail).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    let calls = case.log.settle(3).await;
    assert_eq!(attempts(&calls), [(1, 2), (2, 1), (3, 0)]);
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(json_of(&pokemon::<C>("a", 1)), 3, false)]);
}

/// Without retries a failure is final.
pub async fn without_retries_a_failure_is_final<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, 0, |_| Answer::Fail).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    assert_eq!(attempts(&case.log.settle(1).await), [(1, 0)]);
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(json_of(&pokemon::<C>("a", 1)), 1, false)]);
}

/// A failure that is permanent is a dead letter at once, whatever attempts are left.
pub async fn a_permanent_failure_is_not_tried_again<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |_| Answer::FailForGood).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    case.log.settle(1).await;
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(json_of(&pokemon::<C>("a", 1)), 1, false)]);
}

/// A handler that panics has failed: the message is tried again, and those behind it arrive.
pub async fn a_panic_is_a_failure<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |call| match (&*call.aggregate, call.context.attempt) {
        ("panics", 1) => Answer::Panic,
        // Not from within the future that the handler made, but no less a panic.
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

/// A handler that fails with an error whose text panics has failed like any other: the message is tried as often as the
/// policy says, becomes a dead letter, and the messages behind it arrive.
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

/// A message that fails again and again does not keep those of other aggregates, which arrive once, without delay.
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
    // A new message of the same aggregate starts anew.
    case.publish([pokemon::<C>("good0", 2)]).await;
    assert_eq!(attempts(&case.log.settle(24).await)[23], (1, RETRIES));
}

/// Many messages that fail at random are each tried until they succeed, or are dead: every one ends in one of the
/// two, and none in both.
pub async fn every_message_ends_handled_or_dead<C: KitChannel>(subject: &dyn Subject<C>) {
    // Up to four failures, where three are too many.
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

/// Publishing succeeds whatever the handler does.
pub async fn publishers_do_not_hear_of_failures<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, 0, |_| Answer::FailForGood).await;
    for number in 1..=10 {
        let message = pokemon::<C>("a", number);
        case.channel.publish_message(message).await.expect("it is published");
    }
    case.log.until("ten dead letters", |log| log.dead().len() == 10).await;
}
