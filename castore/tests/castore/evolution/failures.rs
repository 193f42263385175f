use castore::event::{DecodeEventError, DecodeEventProblem};
use castore::prelude::*;

use super::domain::*;
use crate::support::chain;

async fn error(event_type: &'static str, payload: &str) -> DecodeEventError {
    let pokemons = EventStore::<Pokemon>::new(storage([raw(1, event_type, Some(payload))]).await);
    match pokemons.get_events("p").await.unwrap_err() {
        EventStoreError::Decode(error) => *error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn failed_conversion_names_the_step_and_not_the_payload() {
    let error = error("TRAINED", r#"{"times":-31337}"#).await;
    let DecodeEventProblem::Conversion { from, to } = error.problem else { panic!("{error:?}") };
    assert!(from.ends_with("domain::Trained") && to.ends_with("domain::Leveled"), "{from} {to}");
    let text = format!("{error} {error:?} {:?}", chain(&error));
    assert!(text.contains("TRAINED") && text.contains("POKEMONS"), "{text}");
    assert!(!text.contains("31337"), "{text}");
}

#[tokio::test]
async fn retired_payload_of_another_shape_is_a_payload_error() {
    for (event_type, payload) in [("APPEARED", r#"{"name":1}"#), ("CAUGHT", "{}"), ("CAUGHT_OR_STOLEN", "[]")] {
        let error = error(event_type, payload).await;
        assert!(matches!(error.problem, DecodeEventProblem::Payload(_)), "{event_type}: {error:?}");
    }
}

/// Filters select stored events by the variant that declares the retired type, so a conversion to another variant is an
/// error.
#[tokio::test]
async fn conversion_to_another_variant_is_an_error() {
    let error = error("TAKEN", r#"{"back":true}"#).await;
    let text = chain(&error).join(": ");
    assert!(text.contains(r#""LEVELED" instead of "STOLEN""#), "{text}");
    assert!(text.contains("move `from(…)` to the event enum"), "{text}");
}

mod strict {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Event)]
    enum OldEvent {
        #[event(from("WAS"))]
        Is,
    }

    #[event_store(id = "POKEMONS", event = OldEvent)]
    #[derive(Debug, Clone)]
    struct Old;

    impl Reducer for Old {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }

    #[tokio::test]
    async fn undeclared_types_are_errors_without_other() {
        let events = [raw(1, "WAS", None), raw(2, "EVOLVED", Some("{}"))];
        let olds = EventStore::<Old>::new(storage(events).await);
        assert_eq!(olds.get_events("p").max_version(1).await.unwrap()[0].payload, OldEvent::Is);
        let EventStoreError::Decode(error) = olds.get_events("p").await.unwrap_err() else { panic!("another error") };
        let DecodeEventProblem::UnknownEventType { expected } = &error.problem else { panic!("{error:?}") };
        assert_eq!(expected, "Is");
        assert!("EVOLVED".parse::<OldEventType>().is_err());
    }
}
