//! Images of the table's stream, compared with the original package's parser.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue::{self, M, N, S};
use castore_dynamodb::{ParseImageError, parse_image};

use crate::golden::golden;

fn image(key: &str) -> HashMap<String, AttributeValue> {
    let text = |text: &str| S(text.to_owned());
    let payload = HashMap::from([("name".to_owned(), text("Pikachu")), ("level".to_owned(), N("2".to_owned()))]);
    HashMap::from([
        ("aggregateId".to_owned(), text(key)),
        ("version".to_owned(), N("1".to_owned())),
        ("type".to_owned(), text("APPEARED")),
        ("timestamp".to_owned(), text("2021-01-01T00:00:00.000Z")),
        ("payload".to_owned(), M(payload)),
        ("eventStoreId".to_owned(), text("POKEMONS")),
    ])
}

#[test]
fn images_are_parsed_as_the_original_does() {
    for (scenario, key) in
        [("ok", "POKEMONS#11111111-1111-4111-8111-111111111111"), ("hashInAggregateId", "POKEMONS#a#b")]
    {
        let recorded = &golden()["imageParser"][scenario]["ok"];
        let (event_store_id, event) = parse_image(&image(key)).unwrap();
        assert_eq!(event_store_id, recorded["eventStoreId"]);
        let recorded = &recorded["event"];
        assert_eq!(event.aggregate_id, recorded["aggregateId"]);
        assert_eq!(event.version, recorded["version"]);
        assert_eq!(event.event_type, *recorded["type"].as_str().unwrap());
        assert_eq!(event.timestamp.to_string(), recorded["timestamp"]);
        let payload: serde_json::Value = serde_json::from_str(event.payload.unwrap().get()).unwrap();
        assert_eq!(payload, recorded["payload"]);
        assert!(event.metadata.is_none() && recorded.get("metadata").is_none());
    }
}

#[test]
fn images_without_an_event_store_have_the_error_of_the_original() {
    let recorded = &golden()["imageParser"]["noPrefix"]["error"]["message"];
    assert_eq!(parse_image(&image("x")).unwrap_err().to_string(), *recorded.as_str().unwrap());
    // The parser does not know the event stores, but the error that callers return for unknown stores has the same
    // text.
    let recorded = &golden()["imageParser"]["unknownStore"]["error"]["message"];
    let unknown = ParseImageError::UnknownEventStore { event_store_id: parse_image(&image("BATTLES#1")).unwrap().0 };
    assert_eq!(unknown.to_string(), *recorded.as_str().unwrap());
}

#[test]
fn images_of_other_items_are_errors() {
    for attribute in ["aggregateId", "version", "type", "timestamp"] {
        let mut missing = image("POKEMONS#a");
        missing.remove(attribute);
        let mut wrong = image("POKEMONS#a");
        wrong.insert(attribute.to_owned(), AttributeValue::Bool(true));
        for image in [missing, wrong] {
            assert_eq!(parse_image(&image).unwrap_err(), ParseImageError::Attribute { attribute });
        }
    }
}
