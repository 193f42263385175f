use castore::consumer::{ChannelFilter, FilterPattern};
use castore::event::UnknownEvent;
use castore::log::LogFilter;
use castore::prelude::*;

use super::domain::*;
use crate::support::Log;

#[derive(Debug, Clone, PartialEq, EventSubset)]
#[event_subset(of = PokemonEvent)]
enum Mailed {
    Appeared { name: String },
    Stolen,
}

#[derive(Debug, Clone, PartialEq, EventSubset)]
#[event_subset(of = PokemonEvent)]
enum Audited {
    Stolen,
    Unknown(UnknownEvent),
}

fn patterns(filter: &impl ChannelFilter<AppBus>) -> Vec<FilterPattern> {
    filter.patterns()
}

const APPEARED: [&str; 4] = ["APPEARED_V3", "APPEARED", "APPEARED_V2", "CAUGHT_OR_STOLEN"];

/// Patterns for brokers contain retired names, because older messages with these names may still wait in the broker.
#[test]
fn patterns_contain_retired_names() {
    let store = || FilterPattern::event_store("POKEMONS");
    let filter = || Filter::store::<Pokemon>();
    assert_eq!(patterns(&filter().event_type(PokemonEventType::Appeared)), [store().event_types(APPEARED)]);
    let mailed = APPEARED.into_iter().chain(["STOLEN", "TAKEN"]);
    assert_eq!(patterns(&filter().events::<Mailed>()), [store().event_types(mailed)]);
}

/// A pattern cannot list names that the program does not know. It passes all messages of the store instead, and the
/// consumer applies the filter.
#[test]
fn patterns_for_undeclared_types_pass_the_whole_store() {
    let store = || FilterPattern::event_store("POKEMONS");
    assert_eq!(patterns(&Filter::store::<Pokemon>().event_type(PokemonEventType::Unknown)), [store()]);
    assert_eq!(patterns(&Filter::store::<Pokemon>().events::<Audited>().on_replay(true)), [store().on_replay(true)]);
}

#[tokio::test]
async fn listeners_receive_the_events_of_their_types() {
    let bus = AppBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let (stolen, unknown, audited) = (Log::new(), Log::new(), Log::new());
    let seen = stolen.clone();
    listener.on(Filter::store::<Pokemon>().event_type(PokemonEventType::Stolen), move |message, _| {
        seen.add(message.event.version);
        async { Ok(()) }
    });
    let seen = unknown.clone();
    listener.on(Filter::store::<Pokemon>().event_type(PokemonEventType::Unknown), move |message, _| {
        seen.add(message.event.version);
        async { Ok(()) }
    });
    let seen = audited.clone();
    listener.on(Filter::store::<Pokemon>().events::<Audited>(), move |message, _| {
        let name = match &message.payload {
            Audited::Stolen => "stolen".to_owned(),
            Audited::Unknown(unknown) => unknown.event_type().to_owned(),
        };
        seen.add((message.event.version, name));
        async { Ok(()) }
    });
    let pokemons = EventStore::<Pokemon>::new(storage(stored()).await);
    for event in pokemons.get_events("p").await.unwrap() {
        bus.publish_message(NotificationMessage { event }).await.unwrap();
    }
    listener.shutdown().await;
    assert_eq!(stolen.entries(), [4, 6]);
    assert_eq!(unknown.entries(), [8, 9]);
    let name = |version: u64, name: &str| (version, name.to_owned());
    assert_eq!(audited.entries(), [name(4, "stolen"), name(6, "stolen"), name(8, "EVOLVED"), name(9, "FED")]);
}

#[test]
fn log_filters_pass_retired_names() {
    let filter = LogFilter::none().event_types::<Pokemon>([PokemonEventType::Appeared]);
    for name in APPEARED {
        assert!(filter.passes("POKEMONS", name), "{name}");
    }
    assert!(!filter.passes("POKEMONS", "CAUGHT"));
    assert!(!filter.passes("POKEMONS", "EVOLVED"));
    let filter = LogFilter::none().event_types::<Pokemon>([PokemonEventType::Appeared, PokemonEventType::Unknown]);
    assert!(filter.passes("POKEMONS", "EVOLVED"));
    assert!(!filter.passes("TRAINERS", "EVOLVED"));
    let filter = LogFilter::none().event_types::<Pokemon>([]);
    assert!(!filter.passes("POKEMONS", "APPEARED"));
}
