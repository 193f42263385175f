//! Tests of the context of events: the request that caused an event, and its trace.

use castore_core::channel::{CarriesEvents, PublishMessageOptions};
use castore_core::context::EventContext;
use castore_core::event::{EventDetail, NewEvent};
use castore_core::message::{EventCarrying, StoredMessage};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;
use castore_runtime::event_store::{EventStore, Store};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;
use serde_json::value::RawValue;

use super::channels::{KitChannel, KitKind, Pokemon, PokemonEvent};
use super::log::Call;
use super::subject::{Case, Subject};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn appeared() -> PokemonEvent {
    PokemonEvent::Appeared { name: "Pikachu".to_owned(), level: 7 }
}

fn version_of(call: &Call) -> Option<u64> {
    call.json["event"]["version"].as_u64()
}

/// Asserts that the event context inside the handler names the message as the cause of new events, and contains the
/// given correlation id and trace.
fn assert_continues(call: &Call, correlation_id: &str, traceparent: Option<&str>) {
    let current = &call.current;
    assert_eq!(current.correlation_id(), Some(correlation_id), "{current:?}");
    assert_eq!(
        current.causation_id(),
        Some(&*format!("POKEMONS#a#{}", version_of(call).unwrap_or_default())),
        "{current:?}"
    );
    assert_eq!(current.traceparent(), traceparent, "{current:?}");
}

/// Tests that a message carries the context of its event, and that the handler of the message runs in this context.
pub async fn handlers_continue_the_context_of_events<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).connect(case.channel.clone());
    let request = EventContext::correlated("request-1").with_trace(TRACEPARENT);
    request.scope(async { pokemons.push_event(NewEvent::new("a", 1, appeared())).await }).await.expect("a push");
    // This event was not caused by a request. Therefore, the id of its message becomes the correlation id.
    pokemons.push_event(NewEvent::new("a", 2, appeared())).await.expect("a push");
    let mut calls = case.log.settle(2).await;
    calls.sort_by_key(version_of);
    let expected = serde_json::json!({"correlationId": "request-1", "traceparent": TRACEPARENT});
    assert_eq!(calls[0].json["event"]["metadata"]["castore"], expected);
    assert_eq!(calls[1].json["event"].get("metadata"), None);
    assert_continues(&calls[0], "request-1", Some(TRACEPARENT));
    assert_continues(&calls[1], "POKEMONS#a#2", None);
}

/// Tests that messages about stored events also carry the context. Relays and replays publish such messages.
pub async fn stored_messages_carry_the_context<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let context = EventContext::correlated("größe \"1\"").with_trace(TRACEPARENT);
    let event = EventDetail::<Pokemon>::new("a".to_owned(), 1, Timestamp::UNIX_EPOCH, appeared());
    let raw = RawEvent {
        aggregate_id: "a".to_owned(),
        version: 1,
        event_type: "APPEARED".into(),
        timestamp: Timestamp::UNIX_EPOCH,
        payload: Some(RawValue::from_string(r#"{"name":"Pikachu","level":7}"#.to_owned()).expect("JSON")),
        metadata: castore_core::context::join(None, &context),
    };
    let state = Pokemon { name: "Pikachu".to_owned(), events: 1 };
    let message: C::Message = <C::Kind as KitKind>::message(event.context(context), state).into();
    let stored = match <C::Kind as EventCarrying>::CARRIES_STATE {
        true => StoredMessage::decoded(message, raw),
        false => StoredMessage::notification("POKEMONS".into(), raw),
    };
    let adapter = case.channel.adapter().expect("the adapter");
    adapter.publish_stored_messages(vec![stored], PublishMessageOptions::new()).await.expect("publishing");
    let calls = case.log.settle(1).await;
    assert_continues(&calls[0], "größe \"1\"", Some(TRACEPARENT));
}
