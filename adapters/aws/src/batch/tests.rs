use std::sync::Mutex;
use std::time::Duration;

use castore_core::channel::{HeldBackError, PublishError, RejectedMessage, UnpublishedError};

use super::*;
use crate::RequestPolicy;

const LIMITS: BatchLimits = BatchLimits { entries: 10, bytes: 1_000, in_flight: 1, ordered: true };

fn policy() -> RequestPolicy {
    RequestPolicy::default().attempts(3).backoff(Duration::from_micros(10), Duration::from_micros(20))
}

/// Returns an entry of ten bytes, whose name consists of its group and its position in the group.
fn entry(name: &'static str) -> BatchEntry<char, &'static str> {
    BatchEntry { group: name.chars().next().unwrap(), content: Ok(name), bytes: 10 }
}

type Answer = Result<Vec<EntryOutcome>, BatchFailure>;

/// Publishes entries through a service that returns the given responses, one per batch. Returns the result and the
/// entries of each batch.
async fn publish(
    entries: Vec<BatchEntry<char, &'static str>>,
    limits: BatchLimits,
    answers: impl IntoIterator<Item = Answer>,
) -> (Result<(), PublishError>, Vec<Vec<&'static str>>) {
    let mut answers: Vec<_> = answers.into_iter().collect();
    answers.reverse();
    let (answers, batches) = (Mutex::new(answers), Mutex::new(Vec::new()));
    let policy = policy();
    let ended = publish_in_batches(entries, limits, &policy, |batch| {
        batches.lock().unwrap().push(batch.iter().map(|content| **content).collect());
        let answer = answers.lock().unwrap().pop().expect("a batch too many");
        async move { answer }
    });
    let ended = ended.await;
    assert!(answers.into_inner().unwrap().is_empty(), "batches that were not sent");
    (ended, batches.into_inner().unwrap())
}

fn rejected(ended: Result<(), PublishError>) -> Vec<RejectedMessage> {
    match ended.unwrap_err() {
        PublishError::Rejected { rejected, .. } => rejected,
        other => panic!("{other}"),
    }
}

/// Returns the index, the permanence and the reason of each rejection.
fn told(rejected: &[RejectedMessage]) -> Vec<(usize, bool, String)> {
    rejected.iter().map(|rejected| (rejected.index, rejected.permanent, rejected.reason.to_string())).collect()
}

use EntryOutcome::{Published, Refused, Retryable};

fn all(count: usize) -> Answer {
    Ok((0..count).map(|_| Published).collect())
}

#[tokio::test]
async fn one_of_each_group_is_in_a_batch() {
    let entries = ["a1", "a2", "b1", "a3", "c1", "b2"].map(entry).into();
    let (ended, batches) = publish(entries, LIMITS, [all(3), all(2), all(1)]).await;
    ended.unwrap();
    assert_eq!(batches, [vec!["a1", "b1", "c1"], vec!["a2", "b2"], vec!["a3"]]);
}

#[tokio::test]
async fn without_order_batches_are_filled() {
    let limits = BatchLimits { ordered: false, entries: 4, ..LIMITS };
    let (ended, batches) =
        publish(["a1", "a2", "b1", "a3", "c1", "b2"].map(entry).into(), limits, [all(4), all(2)]).await;
    ended.unwrap();
    assert_eq!(batches, [vec!["a1", "a2", "b1", "a3"], vec!["c1", "b2"]]);
}

#[tokio::test]
async fn batches_are_cut_by_bytes_too() {
    let limits = BatchLimits { bytes: 25, ..LIMITS };
    let (ended, batches) = publish(["a1", "b1", "c1"].map(entry).into(), limits, [all(2), all(1)]).await;
    ended.unwrap();
    assert_eq!(batches, [vec!["a1", "b1"], vec!["c1"]]);
}

#[tokio::test]
async fn large_entry_is_rejected_and_its_group_held_back() {
    let entries = vec![entry("a1"), BatchEntry { bytes: 1_001, ..entry("b1") }, entry("b2"), entry("c1")];
    let (ended, batches) = publish(entries, LIMITS, [all(2)]).await;
    let rejected = rejected(ended);
    assert_eq!(batches, [vec!["a1", "c1"]]);
    let large = "the message has 1001 bytes including its attributes, but the limit is 1000; use a claim check";
    assert_eq!(told(&rejected), [(1, true, large.into()), (2, false, HeldBackError.to_string())]);
    assert!(rejected[0].reason.is::<EntryTooLargeError>() && rejected[1].reason.is::<HeldBackError>());
}

#[tokio::test]
async fn entry_of_exactly_the_limit_is_sent() {
    let (ended, _) = publish(vec![BatchEntry { bytes: 1_000, ..entry("a1") }], LIMITS, [all(1)]).await;
    ended.unwrap();
}

#[tokio::test]
async fn failed_entries_are_retried_before_their_group_continues() {
    let entries = ["a1", "b1", "a2", "b2"].map(entry).into();
    let first = Ok(vec![Retryable("throttled".into()), Published]);
    let (ended, mut batches) = publish(entries, LIMITS, [first, all(1), all(1), all(1)]).await;
    ended.unwrap();
    assert_eq!(batches.remove(0), ["a1", "b1"]);
    // Either b2 or the retry of a1 is sent first.
    batches.sort();
    assert_eq!(batches, [vec!["a1"], vec!["a2"], vec!["b2"]]);
}

#[tokio::test]
async fn entry_that_fails_all_attempts_is_rejected_temporarily() {
    let failed = || Ok(vec![Retryable("throttled".into())]);
    let (ended, batches) = publish(["a1", "a2"].map(entry).into(), LIMITS, [failed(), failed(), failed()]).await;
    assert_eq!(batches.len(), 3);
    let expected = [(0, false, "throttled".to_owned()), (1, false, HeldBackError.to_string())];
    assert_eq!(told(&rejected(ended)), expected);
}

#[tokio::test]
async fn a_refused_entry_holds_only_its_group_back() {
    let first = Ok(vec![Refused("malformed".into()), Published]);
    let (ended, batches) = publish(["a1", "b1", "a2", "b2"].map(entry).into(), LIMITS, [first, all(1)]).await;
    assert_eq!(batches[1], ["b2"]);
    let expected = [(0, true, "malformed".to_owned()), (2, false, HeldBackError.to_string())];
    assert_eq!(told(&rejected(ended)), expected);
}

#[tokio::test]
async fn without_order_a_refused_entry_holds_nothing_back() {
    let limits = BatchLimits { ordered: false, ..LIMITS };
    let first = Ok(vec![Refused("malformed".into()), Published, Published]);
    let (ended, _) = publish(["a1", "a2", "a3"].map(entry).into(), limits, [first]).await;
    assert_eq!(told(&rejected(ended)), [(0, true, "malformed".to_owned())]);
}

#[tokio::test]
async fn outage_before_any_outcome_is_a_broker_failure() {
    let (ended, _) = publish(["a1", "a2"].map(entry).into(), LIMITS, [Err(BatchFailure::Outage("away".into()))]).await;
    assert!(matches!(&ended, Err(PublishError::Broker(error)) if error.to_string() == "away"), "{ended:?}");
}

#[tokio::test]
async fn an_outage_after_something_was_published_names_the_rest() {
    let away = Err(BatchFailure::Outage("away".into()));
    let (ended, batches) = publish(["a1", "b1", "a2", "a3"].map(entry).into(), LIMITS, [all(2), away]).await;
    assert_eq!(batches.len(), 2);
    let rejected = rejected(ended);
    assert_eq!(
        rejected.iter().map(|rejected| (rejected.index, rejected.permanent)).collect::<Vec<_>>(),
        [(2, false), (3, false)]
    );
    for rejected in &rejected {
        let unpublished = rejected.reason.downcast_ref::<UnpublishedError>().unwrap();
        assert!(matches!(unpublished.failure(), PublishError::Broker(error) if error.to_string() == "away"));
    }
}

/// After an outage, an entry that is too large is still reported as too large.
#[tokio::test]
async fn outage_does_not_hide_rejections() {
    let entries = vec![BatchEntry { bytes: 1_001, ..entry("a1") }, entry("b1")];
    let (ended, _) = publish(entries, LIMITS, [Err(BatchFailure::Outage("away".into()))]).await;
    let rejected = rejected(ended);
    assert_eq!(rejected.iter().map(|rejected| rejected.permanent).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn invalid_entry_of_a_malformed_batch_is_identified() {
    let malformed = || Err(BatchFailure::Malformed("bad character".into()));
    let answers = [malformed(), all(1), malformed(), all(1)];
    let (ended, batches) = publish(["a1", "b1", "c1", "b2"].map(entry).into(), LIMITS, answers).await;
    assert_eq!(batches, [vec!["a1", "b1", "c1"], vec!["a1"], vec!["b1"], vec!["c1"]]);
    let expected = [(1, true, "bad character".to_owned()), (3, false, HeldBackError.to_string())];
    assert_eq!(told(&rejected(ended)), expected);
}

/// An entry without a reported outcome is not assumed to be published.
#[tokio::test]
async fn entries_without_a_response_are_sent_again() {
    let (ended, batches) = publish(["a1", "b1"].map(entry).into(), LIMITS, [all(1), all(1)]).await;
    ended.unwrap();
    assert_eq!(batches, [vec!["a1", "b1"], vec!["b1"]]);
}

#[tokio::test]
async fn empty_batch_sends_no_request() {
    publish(Vec::new(), LIMITS, []).await.0.unwrap();
}
