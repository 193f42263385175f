//! Tests of stores with initial events, like Castore's `mockEventStore` and `muteEventStore`, and of recording
//! channels.

use castore::prelude::*;
use castore::testing::{MockEventStore, RecordingMessageChannelAdapter, mute_event_store};
use serde_json::json;

use crate::golden::domain::*;
use crate::support::{Log, golden};

message_channel! {
    type Notifications = NotificationMessageBus<Pokemon>;
    type States = StateCarryingMessageQueue<Pokemon>;
}

#[tokio::test]
async fn mocks_behave_as_recorded() {
    let golden = golden("in-memory");
    let recorded = &golden["testTools"];
    let original = EventStore::<Pokemon>::without_adapter();
    let mock = MockEventStore::<Pokemon>::new([happened(pikachu_appeared())]);
    assert_eq!(json!(original.event_storage_adapter().is_none()), recorded["mockLeavesOriginalWithoutAdapter"]);
    let listed = mock.list_aggregate_ids().await.unwrap().aggregate_ids;
    let wanted = &recorded["mockInitial"]["ok"]["aggregateIds"];
    assert_eq!(
        json!([{
            "aggregateId": listed[0].aggregate_id,
            "initialEventTimestamp": listed[0].initial_event_timestamp,
        }]),
        *wanted
    );
    mock.push_event(pikachu_caught()).await.unwrap();
    assert_eq!(json!(mock.get_events(PIKACHU).await.unwrap().len()), recorded["mockAfterPush"]);
    let clone = mock.clone();
    mock.reset();
    assert_eq!(json!(clone.get_events(PIKACHU).await.unwrap().len()), recorded["mockAfterReset"]);
    mute_event_store(&original, [happened(pikachu_appeared())]);
    assert_eq!(json!(original.get_events(PIKACHU).await.unwrap().len()), recorded["muteMutatesOriginal"]);
}

#[tokio::test]
async fn mock_is_a_store() {
    async fn level(pokemons: &impl Store<Pokemon>) -> u32 {
        pokemons.get_existing_aggregate(PIKACHU).await.unwrap().aggregate.level
    }
    let mock = MockEventStore::<Pokemon>::new([happened(pikachu_appeared())]);
    assert_eq!(level(&mock).await, 2);
    let bus = Notifications::new();
    let recording = RecordingMessageChannelAdapter::attach_to(&bus);
    let connected = mock.connect(bus);
    connected.push_event(pikachu_caught()).await.unwrap();
    assert_eq!(recording.messages().len(), 1);
    push_event_group((mock.group_event(pikachu_leveled_up()),)).await.unwrap();
    assert_eq!(level(&connected).await, 3);
    assert!(!format!("{mock:?}").contains("Pikachu"));
}

/// Muting an event store (replacing its storage with given events) also mutes the connected stores that were created
/// from it.
#[tokio::test]
async fn muting_affects_connected_stores() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let connected = pokemons.connect(Notifications::new());
    pokemons.push_event(charizard_appeared()).await.unwrap();
    mute_event_store(&pokemons, [happened(pikachu_appeared())]);
    assert_eq!(connected.list_aggregate_ids().await.unwrap().aggregate_ids.len(), 1);
    assert!(connected.get_events(CHARIZARD).await.unwrap().is_empty());
}

#[tokio::test]
async fn recordings_contain_messages_and_options() {
    let pokemons = MockEventStore::<Pokemon>::new([]);
    let queue = States::new(StatesSources { pokemon: pokemons.event_store().clone() });
    let recording = RecordingMessageChannelAdapter::attach_to(&queue);
    let connected = pokemons.connect(queue.clone());
    let first = connected.push_event(pikachu_appeared()).await.unwrap().event;
    queue.get_aggregate_and_publish_message(first).replay(true).await.unwrap();
    let seen = Log::new();
    for recorded in recording.take() {
        let StatesMessage::Pokemon(message) = &recorded.message;
        seen.add((message.aggregate.version, recorded.replay));
    }
    assert_eq!(seen.entries(), [(1, false), (1, true)]);
    assert!(recording.messages().is_empty());
}
