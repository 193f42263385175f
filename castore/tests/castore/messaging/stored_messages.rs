//! Tests of the default implementation of `publish_stored_messages`.

use std::sync::Mutex;

use castore::PublishError;
use castore::channel::{
    HeldBackError, MessageChannelAdapter, PublishMessageOptions, RejectedMessage, UnpublishedError,
};
use castore::message::{ChannelMessage, StoredMessage};
use castore::storage::RawEvent;

use super::counter::*;
use crate::support::timestamp;

/// An adapter that returns a configured result from one `publish_messages` call and records the messages.
#[derive(Debug)]
struct OneCall {
    answer: Mutex<Option<Result<(), PublishError>>>,
    messages: Mutex<Vec<String>>,
}

impl OneCall {
    fn answering(answer: Result<(), PublishError>) -> Self {
        Self { answer: Mutex::new(Some(answer)), messages: Mutex::default() }
    }
}

#[async_trait::async_trait]
impl MessageChannelAdapter<CounterQueueMessage> for OneCall {
    async fn publish_message(&self, _: CounterQueueMessage, _: PublishMessageOptions) -> Result<(), PublishError> {
        unreachable!("several messages are published in one call")
    }

    async fn publish_messages(
        &self,
        messages: Vec<CounterQueueMessage>,
        _: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.messages.lock().unwrap().extend(messages.iter().map(name_in_queue));
        self.answer.lock().unwrap().take().unwrap()
    }
}

/// Creates a notification. If the name ends with `?`, the event type is unknown to the program.
fn notification<M: ChannelMessage>(name: &str) -> StoredMessage<M> {
    let (aggregate_id, version) = name.trim_end_matches('?').split_at(1);
    let event_type = if name.ends_with('?') { "Unknown" } else { "Counted" };
    StoredMessage::notification(
        "COUNTERS".into(),
        RawEvent {
            aggregate_id: aggregate_id.to_owned(),
            version: version.parse().unwrap(),
            event_type: event_type.into(),
            timestamp: timestamp("2024-01-01T00:00:00.000Z"),
            payload: Some(serde_json::value::to_raw_value(&1).unwrap()),
            metadata: None,
        },
    )
}

async fn publish(names: &[&str], answer: Result<(), PublishError>) -> (String, Result<(), PublishError>) {
    let adapter = OneCall::answering(answer);
    let notifications = names.iter().map(|name| notification(name)).collect();
    let published = adapter.publish_stored_messages(notifications, PublishMessageOptions::default()).await;
    (adapter.messages.into_inner().unwrap().join(" "), published)
}

fn rejected(published: Result<(), PublishError>) -> Vec<(usize, bool, String)> {
    let Err(PublishError::Rejected { rejected, .. }) = published else { panic!("{published:?}") };
    rejected.into_iter().map(|rejected| (rejected.index, rejected.permanent, rejected.reason.to_string())).collect()
}

fn refused(index: usize) -> RejectedMessage {
    RejectedMessage::new(index, true, format!("refused {index}"))
}

#[tokio::test]
async fn unknown_event_is_rejected_and_later_events_of_its_aggregate_are_held_back() {
    let (sent, published) = publish(&["a1", "b1?", "b2", "a2"], Ok(())).await;
    assert_eq!(sent, "a1 a2");
    let rejected = rejected(published);
    assert_eq!((rejected[0].0, rejected[0].1), (1, true));
    assert_eq!(rejected[1..], [(2, false, HeldBackError.to_string())]);
}

#[tokio::test]
async fn rejections_of_the_adapter_keep_their_reasons() {
    let answer = PublishError::Rejected { total: 4, rejected: vec![refused(0), refused(2)] };
    let (sent, published) = publish(&["b1?", "a1", "c1", "a2", "c2"], Err(answer)).await;
    assert_eq!(sent, "a1 c1 a2 c2");
    let rejected = rejected(published);
    let named: Vec<_> =
        rejected[1..].iter().map(|(index, permanent, reason)| (*index, *permanent, &**reason)).collect();
    assert_eq!(named, [(1, true, "refused 0"), (3, true, "refused 2")]);
}

#[tokio::test]
async fn rejection_that_names_no_message_publishes_nothing() {
    let unnamed = PublishError::Rejected { total: 2, rejected: Vec::new() };
    let (_, published) = publish(&["a1", "b1"], Err(unnamed)).await;
    assert_eq!(rejected(published).len(), 2);
}

#[tokio::test]
async fn failure_of_the_broker_does_not_hide_an_unknown_event() {
    let broker = || PublishError::Broker("unavailable".into());
    let (_, published) = publish(&["a1", "b1"], Err(broker())).await;
    assert!(matches!(published, Err(PublishError::Broker(_))), "{published:?}");
    let (_, published) = publish(&["a1", "b1?"], Err(broker())).await;
    let Err(PublishError::Rejected { rejected, .. }) = published else { panic!("{published:?}") };
    assert!(rejected[0].reason.is::<UnpublishedError>());
    assert_eq!(rejected.iter().map(|rejected| rejected.permanent).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn rejection_of_a_message_that_was_not_given_is_a_failure_of_the_adapter() {
    let stray = PublishError::Rejected { total: 1, rejected: vec![refused(1)] };
    let (_, published) = publish(&["a1", "b1?"], Err(stray)).await;
    assert!(matches!(published, Err(PublishError::Broker(_))), "{published:?}");
}
