//! Tests of messages that the program of the consumer cannot decode, because another version of the program has
//! published them.

use castore_core::channel::{CarriesEvents, PublishMessageOptions};
use castore_core::event::EventDetail;
use castore_core::message::{EventCarrying, StoredMessage};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;

use super::channels::{KitChannel, KitKind, Pokemon, PokemonEvent};
use super::log::Answer;
use super::subject::{Case, RETRIES, Subject, pokemon};

/// Publishes a message about an event of an unknown type, and returns its JSON.
async fn publish_unknown<C: KitChannel + CarriesEvents>(case: &Case<C>, aggregate_id: &str) -> serde_json::Value {
    let event = RawEvent {
        aggregate_id: aggregate_id.to_owned(),
        version: 1,
        event_type: "EVOLVED_IN_A_LATER_VERSION".into(),
        timestamp: Timestamp::UNIX_EPOCH,
        payload: None,
        metadata: None,
    };
    let stored = match <C::Kind as EventCarrying>::CARRIES_STATE {
        false => StoredMessage::notification("POKEMONS".into(), event),
        true => {
            let payload = PokemonEvent::Appeared { name: "Pikachu".to_owned(), level: 1 };
            let decoded = EventDetail::<Pokemon> {
                aggregate_id: aggregate_id.to_owned(),
                version: 1,
                timestamp: Timestamp::UNIX_EPOCH,
                payload,
                metadata: None,
            };
            let state = Pokemon { name: "Pikachu".to_owned(), events: 1 };
            StoredMessage::decoded(<C::Kind as KitKind>::message(decoded, state).into(), event)
        }
    };
    let json = serde_json::to_value(&stored).expect("a message is JSON");
    let adapter = case.channel.adapter().expect("the adapter");
    adapter.publish_stored_messages(vec![stored], PublishMessageOptions::new()).await.expect("publishing");
    json
}

/// Tests that a message that cannot be decoded is retried according to the policy, because a consumer of a newer
/// version may be able to decode it. It is then reported as a dead letter that contains the whole message.
pub async fn an_undecodable_message_is_a_dead_letter_after_its_attempts<C: KitChannel + CarriesEvents>(
    subject: &dyn Subject<C>,
) {
    let case = Case::answering(subject, RETRIES, |_| Answer::Done).await;
    if !case.capabilities.carries_json {
        return;
    }
    let published = publish_unknown(&case, "a").await;
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.settle(0).await.len(), 0, "no handler is called");
    assert_eq!(case.log.dead(), [(published, RETRIES + 1, false)]);
}

/// Tests that while a message that cannot be decoded is retried, the messages of other aggregates are handled.
pub async fn an_undecodable_message_does_not_disturb_others<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, 0, |_| Answer::Done).await;
    if !case.capabilities.carries_json {
        return;
    }
    let published = publish_unknown(&case, "a").await;
    case.publish((1..=5).map(|version| pokemon::<C>("b", version))).await;
    assert_eq!(case.log.settle(5).await.len(), 5);
    case.log.until("a dead letter", |log| !log.dead().is_empty()).await;
    assert_eq!(case.log.dead(), [(published, 1, false)]);
}
