//! Tests of publishing on channels: options, and channels without an adapter.

use castore::channel::PublishMessageOptions;
use castore::prelude::*;
use serde_json::{Value, json};

use super::domain::*;
use crate::support::{Publish, Watched, chain, error_text, golden, object, timestamp};

message_channel! {
    #[channel(id = "my-channel")]
    type ExistsQueue = AggregateExistsMessageQueue<Pokemon>;
    #[channel(id = "my-channel")]
    type ExistsBus = AggregateExistsMessageBus<Pokemon>;
    #[channel(id = "my-channel")]
    type NotificationQueue = NotificationMessageQueue<Pokemon>;
    #[channel(id = "my-channel")]
    type NotificationBus = NotificationMessageBus<Pokemon>;
    #[channel(id = "my-channel")]
    type StateQueue = StateCarryingMessageQueue<Pokemon>;
    #[channel(id = "my-channel")]
    type StateBus = StateCarryingMessageBus<Pokemon>;
}

fn event() -> EventDetail<Pokemon> {
    EventDetail::new(PIKACHU.to_owned(), 1, timestamp("2021-01-01T00:00:00.000Z"), appeared("Pikachu", 2))
}

fn notification() -> NotificationMessage<Pokemon> {
    NotificationMessage { event: event() }
}

fn exists() -> AggregateExistsMessage<Pokemon> {
    AggregateExistsMessage {
        aggregate_id: PIKACHU.to_owned(),
        initial_event_timestamp: Some(timestamp("2021-01-01T00:00:00.000Z")),
    }
}

fn state_carrying() -> StateCarryingMessage<Pokemon> {
    let state = Pokemon::reduce(None, &event()).unwrap();
    StateCarryingMessage {
        event: event(),
        aggregate: Aggregate { aggregate_id: PIKACHU.to_owned(), version: 1, state },
    }
}

fn seen<M>(asked: Vec<Publish<M>>) -> Vec<Value> {
    let seen = |publish: Publish<M>| {
        let PublishMessageOptions { replay, .. } = publish.options;
        let method = if publish.many { "publishMessages" } else { "publishMessage" };
        json!({"method": method, "options": {"replay": replay}})
    };
    asked.into_iter().map(seen).collect()
}

async fn check<C, M>(recorded: &Value, channel: C, message: M)
where
    C: MessageChannel,
    M: castore::channel::IntoChannelMessage<C> + Clone,
    C::Message: From<M>,
{
    let kind = format!("message {}", recorded["messageChannelType"].as_str().unwrap());
    assert_eq!(channel.message_channel_id(), recorded["messageChannelId"]);

    let error = channel.publish_message(message.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), error_text(&recorded["publishWithoutAdapter"]));
    assert!(error.to_string().contains(&kind));
    assert!(matches!(error, PublishError::UndefinedAdapter(_)));
    let error = channel.publish_messages(vec![message.clone()]).await.unwrap_err();
    assert_eq!(error.to_string(), error_text(&recorded["publishManyWithoutAdapter"]));
    let error = channel.publish_messages(Vec::<C::Message>::new()).await.unwrap_err();
    assert_eq!(chain(&error).len(), 1, "the channel's error is not wrapped");

    // Publishing a message of a store that is not a source does not compile, so there is no run-time test.

    let adapter = Watched::<C::Message>::new();
    channel.set_adapter(adapter.clone());
    channel.publish_message(message.clone()).await.unwrap();
    channel.publish_message(message.clone()).replay(true).await.unwrap();
    channel.publish_messages(vec![message.clone(), message.clone()]).replay(true).await.unwrap();
    channel.publish_messages(Vec::<C::Message>::new()).await.unwrap();
    let asked = adapter.asked.take();
    assert_eq!(asked.iter().map(|publish| publish.messages.len()).collect::<Vec<_>>(), [1, 1, 2, 0]);
    assert_eq!(Value::from(seen(asked)), recorded["optionsSeenByAdapter"]);
}

#[tokio::test]
async fn options_reach_the_adapter_and_missing_adapter_is_an_error() {
    let golden = golden("messages");
    for (kind, recorded) in object(&golden["channels"]) {
        let pokemon = EventStore::<Pokemon>::without_adapter();
        match kind.as_str() {
            "AggregateExistsMessageQueue" => check(recorded, ExistsQueue::new(), exists()).await,
            // Castore's class for this kind has different option names than the classes for the other kinds, so the
            // recorded bus has neither an id nor an adapter. In castore, this kind is a bus like the others, so it is
            // compared with the recording of the notification bus.
            "AggregateExistsMessageBus" => {
                assert_eq!(recorded.get("messageChannelId"), None);
                check(&golden["channels"]["NotificationMessageBus"], ExistsBus::new(), exists()).await;
            }
            "NotificationMessageQueue" => check(recorded, NotificationQueue::new(), notification()).await,
            "NotificationMessageBus" => check(recorded, NotificationBus::new(), notification()).await,
            "StateCarryingMessageQueue" => {
                check(recorded, StateQueue::new(StateQueueSources { pokemon }), state_carrying()).await;
            }
            "StateCarryingMessageBus" => {
                check(recorded, StateBus::new(StateBusSources { pokemon }), state_carrying()).await;
            }
            other => panic!("unknown kind {other}"),
        }
    }
}

#[tokio::test]
async fn a_state_carrying_channel_loads_the_aggregate_at_the_version_of_the_event() {
    let golden = golden("messages");
    let recorded = &golden["getAggregateAndPublishMessage"];
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    let caught = pokemons.push_event(pikachu_caught()).await.unwrap().event;
    pokemons.push_event(pikachu_leveled_up()).await.unwrap();
    let queue = StateQueue::new(StateQueueSources { pokemon: pokemons.clone() });

    // The missing adapter is detected before any event is read.
    let error = queue.get_aggregate_and_publish_message(caught.clone()).await.unwrap_err();
    assert!(matches!(error, PublishError::UndefinedAdapter(_)));

    let adapter = Watched::<StateQueueMessage>::new();
    queue.set_adapter(adapter.clone());
    queue.get_aggregate_and_publish_message(caught.clone()).replay(true).await.unwrap();
    let asked = adapter.asked.take();
    let published = &recorded["published"][0];
    let wanted: Value = serde_json::from_str(published["json"].as_str().unwrap()).unwrap();
    assert_eq!(crate::support::json(&asked[0].messages[0]), wanted);
    assert_eq!(asked[0].options.replay, published["options"]["replay"]);

    let mut nope = caught;
    nope.aggregate_id = "nope".to_owned();
    let error = queue.get_aggregate_and_publish_message(nope).await.unwrap_err();
    // The error chain contains Castore's text, preceded by the purpose of the load.
    assert_eq!(chain(&error)[1], error_text(&recorded["aggregateMissing"]));
    assert!(adapter.asked.take().is_empty());
}
