//! Tests that the documents are valid, and that they describe the JSON that the program writes.

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use castore::inspect::Inspect;
use castore::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::game::{Caught, Foreign, Game, Move, Pokemon, PokemonEvent, Team, Trainer, TrainerEvent, Trigger};

/// A document whose schemas can validate JSON.
struct Document {
    compiler: Compiler,
    schemas: Schemas,
}

impl Document {
    fn new(text: Value, draft: Draft) -> Self {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(draft);
        compiler.add_resource("http://castore.test/document", text).unwrap();
        Self { compiler, schemas: Schemas::new() }
    }

    fn schema(&mut self, pointer: &str) -> SchemaIndex {
        let location = format!("http://castore.test/document#{pointer}");
        self.compiler.compile(&location, &mut self.schemas).unwrap_or_else(|error| panic!("{error:#}"))
    }

    fn problem(&mut self, pointer: &str, value: &Value) -> Option<String> {
        let schema = self.schema(pointer);
        self.schemas.validate(value, schema).err().map(|error| format!("{error:#}\n{value:#}"))
    }

    #[track_caller]
    fn assert_accepts(&mut self, pointer: &str, value: &Value) {
        assert_eq!(self.problem(pointer, value), None);
    }

    #[track_caller]
    fn assert_rejects(&mut self, pointer: &str, value: &Value) {
        assert!(self.problem(pointer, value).is_some(), "accepted: {value:#}");
    }
}

fn json_of(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn event<S: EventSourced<AggregateId = String>>(payload: S::Event, metadata: Option<S::Metadata>) -> EventDetail<S> {
    let mut event = EventDetail::new("p1".into(), 1, Timestamp::now(), payload);
    event.metadata = metadata;
    event
}

fn aggregate<S: EventSourced<AggregateId = String>>(state: S) -> Aggregate<S> {
    Aggregate { aggregate_id: "p1".into(), version: 1, state }
}

fn appeared() -> PokemonEvent {
    let moves = vec![Move::Tackle, Move::Bolt { power: 90 }];
    PokemonEvent::Appeared { name: "Pikachu".into(), level: 5, is_wild: true, moves, place: Foreign(1) }
}

fn pokemon() -> Pokemon {
    let inner = Team { members: Vec::new(), leader: None };
    let team = Team { members: vec![inner.clone()], leader: Some(Box::new(inner)) };
    Pokemon { name: "Pikachu".into(), level: 5, team: Some(team) }
}

fn started() -> EventDetail<Trainer> {
    event(TrainerEvent::Started { name: "Ash".into() }, Some(Trigger { user: "u1".into() }))
}

/// Returns one event of each event type, with the name of the type.
fn events() -> Vec<(&'static str, Value)> {
    let caught = PokemonEvent::Caught(Caught { trainer_id: "ash".into(), at: None });
    vec![
        ("POKEMONS.APPEARED", json_of(&event::<Pokemon>(appeared(), None))),
        ("POKEMONS.CAUGHT", json_of(&event::<Pokemon>(caught, None))),
        ("POKEMONS.LEVELED_UP", json_of(&event::<Pokemon>(PokemonEvent::LeveledUp, None))),
        ("TRAINERS.STARTED", json_of(&started())),
    ]
}

#[test]
fn asyncapi_document_follows_its_specification() {
    let specification = include_str!("asyncapi/3.0.0.json");
    let mut specification = Document::new(serde_json::from_str(specification).unwrap(), Draft::V7);
    let document = Game::asyncapi("1.0.0");
    specification.assert_accepts("", &document);
    for (pointer, wrong) in [
        ("/asyncapi", json!("2.6.0")),
        ("/channels/APP_BUS/messages", json!(3)),
        ("/operations/send.APP_BUS/action", json!("publish")),
        ("/components/schemas/Move/oneOf", json!("none")),
    ] {
        let mut broken = document.clone();
        *broken.pointer_mut(pointer).unwrap() = wrong;
        specification.assert_rejects("", &broken);
    }
}

#[test]
fn asyncapi_document_describes_the_messages() {
    let mut document = Document::new(Game::asyncapi("1.0.0"), Draft::V7);
    let payload = |message: &str| format!("/components/messages/{message}/payload");
    let notification = json_of(&NotificationMessage { event: event::<Pokemon>(appeared(), None) });
    document.assert_accepts(&payload("notification.POKEMONS.APPEARED"), &notification);
    document.assert_rejects(&payload("notification.POKEMONS.LEVELED_UP"), &notification);
    let notification = json_of(&NotificationMessage { event: started() });
    document.assert_accepts(&payload("notification.TRAINERS.STARTED"), &notification);
    let message = StateCarryingMessage {
        event: event::<Pokemon>(PokemonEvent::LeveledUp, None),
        aggregate: aggregate(pokemon()),
    };
    document.assert_accepts(&payload("state-carrying.POKEMONS.LEVELED_UP"), &json_of(&message));
    let message = StateCarryingMessage { event: started(), aggregate: aggregate(Trainer { name: "Ash".into() }) };
    document.assert_accepts(&payload("state-carrying.TRAINERS.STARTED"), &json_of(&message));
    let without = AggregateExistsMessage::<Pokemon>::new("p1");
    document.assert_accepts(&payload("aggregate-exists.POKEMONS"), &json_of(&without));
    let with = AggregateExistsMessage { initial_event_timestamp: Some(Timestamp::now()), ..without };
    document.assert_accepts(&payload("aggregate-exists.POKEMONS"), &json_of(&with));
}

#[test]
fn json_schema_describes_events_and_aggregates() {
    let mut document = Document::new(Game::json_schema(), Draft::V2020_12);
    for (event_type, event) in events() {
        document.assert_accepts("", &event);
        for (other, _) in events() {
            let pointer = format!("/$defs/event.{other}");
            assert_eq!(document.problem(&pointer, &event).is_none(), other == event_type, "{event_type} as {other}");
        }
    }
    document.assert_accepts("/$defs/aggregate.POKEMONS", &json_of(&aggregate(pokemon())));
    let without_team = Pokemon { team: None, ..pokemon() };
    document.assert_accepts("/$defs/aggregate.POKEMONS", &json_of(&aggregate(without_team)));
    document.assert_accepts("/$defs/aggregate.TRAINERS", &json_of(&aggregate(Trainer { name: "Ash".into() })));
}

#[test]
fn json_schema_rejects_other_payloads() {
    let mut document = Document::new(Game::json_schema(), Draft::V2020_12);
    let appeared = json_of(&event::<Pokemon>(appeared(), None));
    for (pointer, wrong) in [
        ("/payload/level", json!(-1)),
        ("/payload/isWild", json!("yes")),
        ("/payload/moves/0/kind", json!("growl")),
        ("/payload/moves/1/power", json!("high")),
        ("/version", json!(0)),
    ] {
        let mut broken = appeared.clone();
        *broken.pointer_mut(pointer).unwrap() = wrong;
        document.assert_rejects("", &broken);
    }
    let mut broken = appeared;
    broken["payload"].as_object_mut().unwrap().remove("name");
    document.assert_rejects("", &broken);
}

#[test]
fn schema_of_each_event_in_the_catalog_describes_it() {
    let files = Game::catalog("1.0.0");
    for (event_type, event) in events() {
        let schema = serde_json::from_str(&files[&format!("events/{event_type}/schema.json")]).unwrap();
        let mut document = Document::new(schema, Draft::V2020_12);
        document.assert_accepts("", &event);
        document.assert_rejects("", &json!({ "type": "OTHER" }));
    }
}
