use std::cell::RefCell;
use std::error::Error;

use super::*;
use crate::channel::{PublishError, RejectedMessage};

fn unavailable() -> PublishError {
    PublishError::Broker("unavailable".into())
}

fn rejected(outcome: Result<(), PublishError>) -> Vec<RejectedMessage> {
    match outcome {
        Err(PublishError::Rejected { rejected, .. }) => rejected,
        other => panic!("{other:?}"),
    }
}

/// Returns the index, the `permanent` flag and the reason of each rejected message.
fn summary(rejected: &[RejectedMessage]) -> Vec<(usize, bool, String)> {
    rejected.iter().map(|rejected| (rejected.index, rejected.permanent, rejected.reason.to_string())).collect()
}

#[test]
fn first_message_of_each_aggregate_may_be_sent_first() {
    assert_eq!(OrderedPublish::new(["a", "a", "b", "a", "c", "b"]).first(), [0, 2, 4]);
    assert_eq!(OrderedPublish::unordered(3).first(), [0, 1, 2]);
}

#[test]
fn publishing_a_message_releases_the_next_of_its_aggregate() {
    let mut ledger = OrderedPublish::new(["a", "a", "b", "a"]);
    assert_eq!(ledger.published(0), Some(1));
    assert_eq!(ledger.published(2), None);
    assert_eq!(ledger.published(1), Some(3));
    assert_eq!(ledger.published(3), None);
    ledger.finish().unwrap();
}

#[test]
fn rejection_holds_later_messages_of_the_aggregate_back() {
    let mut ledger = OrderedPublish::new(["a", "b", "a", "a", "b"]);
    ledger.reject(2, true, "too large");
    assert!(ledger.may_send(0) && !ledger.may_send(2) && !ledger.may_send(3));
    assert_eq!(ledger.published(0), None, "the next message is rejected");
    ledger.published(1);
    ledger.published(4);
    let rejected = rejected(ledger.finish());
    assert_eq!(summary(&rejected), [(2, true, "too large".into()), (3, false, HeldBackError.to_string())]);
    assert!(rejected[1].reason.is::<HeldBackError>());
}

#[test]
fn rejection_holds_nothing_back_if_the_order_does_not_matter() {
    let mut ledger = OrderedPublish::unordered(2);
    ledger.reject(0, false, "throttled");
    assert!(ledger.may_send(1));
    ledger.published(1);
    assert_eq!(summary(&rejected(ledger.finish())), [(0, false, "throttled".to_owned())]);
}

#[test]
fn failure_before_any_outcome_is_returned() {
    let mut ledger = OrderedPublish::new(["a", "b"]);
    ledger.failed(PublishError::ShutDown);
    ledger.failed(unavailable());
    assert!(ledger.has_failed() && !ledger.may_send(0));
    assert!(matches!(ledger.finish(), Err(PublishError::ShutDown)));
}

#[test]
fn failure_after_a_published_message_names_the_pending_messages() {
    let mut ledger = OrderedPublish::new(["a", "b", "a"]);
    ledger.published(1);
    ledger.failed(unavailable());
    assert_eq!(ledger.published(0), None, "nothing may be sent after a failure");
    let rejected = rejected(ledger.finish());
    let unpublished = rejected[0].reason.downcast_ref::<UnpublishedError>().unwrap();
    assert!(matches!(unpublished.failure(), PublishError::Broker(_)));
    assert!(unpublished.source().unwrap().downcast_ref::<PublishError>().is_some());
    assert_eq!(rejected.iter().map(|rejected| (rejected.index, rejected.permanent)).collect::<Vec<_>>(), [(2, false)]);
}

/// The caller must learn which message is too large, whether or not the broker is available.
#[test]
fn failure_does_not_hide_a_rejection() {
    let mut ledger = OrderedPublish::new(["a", "b"]);
    ledger.reject(1, true, "too large");
    ledger.failed(unavailable());
    let permanent: Vec<_> = rejected(ledger.finish()).iter().map(|rejected| rejected.permanent).collect();
    assert_eq!(permanent, [false, true]);
}

#[test]
fn unnamed_rejection_is_a_failure_of_all_pending_messages() {
    let mut ledger = OrderedPublish::new(["a", "b"]);
    ledger.failed(PublishError::Rejected { total: 2, rejected: Vec::new() });
    let indexes: Vec<_> = rejected(ledger.finish()).iter().map(|rejected| rejected.index).collect();
    assert_eq!(indexes, [0, 1]);
}

#[test]
fn first_outcome_of_a_message_counts() {
    let mut ledger = OrderedPublish::new(["a", "b"]);
    ledger.published(0);
    ledger.reject(0, true, "too late");
    ledger.reject(1, true, "rejected");
    ledger.published(1);
    assert_eq!(summary(&rejected(ledger.finish())), [(1, true, "rejected".to_owned())]);
}

#[test]
fn message_without_outcome_does_not_count_as_published() {
    let mut ledger = OrderedPublish::new(["a", "b"]);
    ledger.published(0);
    assert!(rejected(ledger.finish())[0].reason.is::<error::NoOutcomeError>());
}

async fn publish_one_by_one(
    messages: &[&'static str],
    publish: impl Fn(&str) -> Result<(), PublishError>,
) -> (Vec<&'static str>, Result<(), PublishError>) {
    let sent = RefCell::new(Vec::new());
    let outcome = one_by_one(
        messages.to_vec(),
        |message| message.chars().next(),
        |message| {
            sent.borrow_mut().push(message);
            std::future::ready(publish(message))
        },
    );
    let outcome = outcome.await;
    (sent.into_inner(), outcome)
}

#[tokio::test]
async fn one_by_one_sends_in_the_order_of_the_call() {
    let (sent, outcome) = publish_one_by_one(&["a1", "a2", "b1", "a3"], |_| Ok(())).await;
    outcome.unwrap();
    assert_eq!(sent, ["a1", "a2", "b1", "a3"]);
}

#[tokio::test]
async fn one_by_one_continues_with_other_aggregates_after_a_rejection() {
    let reject = |message: &str| match message {
        "a1" => {
            let rejected = RejectedMessage::new(0, true, "rejected");
            Err(PublishError::Rejected { total: 1, rejected: vec![rejected] })
        }
        "c1" => Err(PublishError::Serialize(serde_json::from_str::<u8>("x").unwrap_err())),
        _ => Ok(()),
    };
    let (sent, outcome) = publish_one_by_one(&["b1", "a1", "a2", "c1", "b2", "c2"], reject).await;
    assert_eq!(sent, ["b1", "a1", "c1", "b2"]);
    let permanent: Vec<_> = rejected(outcome).iter().map(|rejected| (rejected.index, rejected.permanent)).collect();
    assert_eq!(permanent, [(1, true), (2, false), (3, true), (5, false)]);
}

#[tokio::test]
async fn one_by_one_stops_after_a_failure() {
    let fail = |message: &str| if message == "b1" { Err(unavailable()) } else { Ok(()) };
    let (sent, outcome) = publish_one_by_one(&["a1", "b1", "a2"], fail).await;
    assert_eq!(sent, ["a1", "b1"]);
    let rejected = rejected(outcome);
    assert!(rejected.iter().all(|rejected| rejected.reason.is::<UnpublishedError>()));
    assert_eq!(rejected.iter().map(|rejected| rejected.index).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn one_by_one_does_not_guess_which_message_an_unnamed_rejection_is_about() {
    let unnamed = |_: &str| Err(PublishError::Rejected { total: 1, rejected: Vec::new() });
    let (sent, outcome) = publish_one_by_one(&["a1", "b1"], unnamed).await;
    assert_eq!(sent, ["a1"]);
    assert_eq!(rejected(outcome).len(), 2);
}
