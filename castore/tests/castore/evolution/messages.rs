use castore::message::AnyMessage as _;
use castore::prelude::*;

use super::domain::*;

#[tokio::test]
async fn messages_keep_undeclared_events_as_they_are() {
    let pokemons = EventStore::<Pokemon>::new(storage(stored()).await);
    for event in pokemons.get_events("p").await.unwrap() {
        let message = NotificationMessage { event };
        let text = serde_json::to_string(&message).unwrap();
        let AppBusMessage::Pokemon(from_text) = serde_json::from_str(&text).unwrap();
        let AppBusMessage::Pokemon(from_reader) = serde_json::from_reader(text.as_bytes()).unwrap();
        assert_eq!((&from_text.event, &from_reader.event), (&message.event, &message.event), "{text}");
        assert_eq!(message.event_type(), Some(message.event.type_name()));
        match message.event.version {
            8 => assert!(
                text.contains(&format!(
                    r#""type":"EVOLVED","timestamp":"1970-01-01T00:00:00.000Z","payload":{EVOLVED}"#
                )),
                "{text}"
            ),
            9 => assert!(text.contains(r#""type":"FED""#) && !text.contains("payload"), "{text}"),
            _ => {}
        }
    }
}

/// A relay publishes events as they are stored, so notifications may contain retired event types.
#[test]
fn messages_of_retired_types_are_read() {
    let text = |event: &str| {
        format!(
            r#"{{"eventStoreId":"POKEMONS","event":{{{event},"aggregateId":"p","version":1,"timestamp":"1970-01-01T00:00:00.000Z"}}}}"#
        )
    };
    let read = |event: &str| serde_json::from_str::<AppBusMessage>(&text(event));
    let expected = PokemonEvent::Appeared { name: "P".into(), level: 1, wild: true };
    // The payload may stand before the type.
    for event in [r#""type":"APPEARED","payload":{"nick":"P"}"#, r#""payload":{"nick":"P"},"type":"APPEARED""#] {
        let AppBusMessage::Pokemon(message) = read(event).unwrap();
        assert_eq!(message.event.payload, expected);
    }
    let AppBusMessage::Pokemon(message) = read(r#""payload":{"a":1.10},"type":"EVOLVED""#).unwrap();
    let PokemonEvent::Unknown(unknown) = message.event.payload else { panic!("another event") };
    assert_eq!((unknown.event_type(), unknown.payload()), ("EVOLVED", Some(r#"{"a":1.10}"#)));
    let error = read(r#""type":"TRAINED","payload":{"times":-31337}"#).unwrap_err().to_string();
    assert!(error.contains("\"TRAINED\" is retired") && !error.contains("31337"), "{error}");
}

#[tokio::test]
async fn state_carrying_messages_contain_undeclared_events() {
    let pokemons = EventStore::<Pokemon>::new(storage(stored()).await);
    let event = pokemons.get_events("p").await.unwrap().remove(7);
    let aggregate = pokemons.get_existing_aggregate("p").max_version(8).await.unwrap().aggregate;
    let text = serde_json::to_string(&StateCarryingMessage { event, aggregate }).unwrap();
    assert!(text.contains(EVOLVED), "{text}");
    let BackupMessage::Pokemon(read) = serde_json::from_str(&text).unwrap();
    assert_eq!(read.event.type_name(), "EVOLVED");
    assert_eq!(read.aggregate.state.unknown, ["EVOLVED"]);
}
