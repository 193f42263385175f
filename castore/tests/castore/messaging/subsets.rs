//! Tests of listeners of event subsets.

use castore::consumer::FilterPattern;
use castore::prelude::*;

use crate::golden::domain::*;
use crate::support::{Log, timestamp};

message_channel! {
    type Game = NotificationMessageBus<Pokemon, Trainer>;
    type Backup = StateCarryingMessageBus<Pokemon>;
}

/// A subset that contains one of the fields of an event, and another event without its payload.
#[derive(Debug, Clone, PartialEq, EventSubset)]
#[event_subset(of = PokemonEvent)]
enum Mailed {
    Appeared { name: String },
    CaughtByTrainer,
}

/// A subset that contains all events, in another order.
#[derive(Debug, Clone, PartialEq, EventSubset)]
#[event_subset(of = crate::golden::domain::TrainerEvent)]
enum EveryTrainerEvent {
    PokemonCaught { pokemon_id: String },
    GameStarted { trainer_name: String },
}

fn pokemon(version: u64, payload: PokemonEvent) -> EventDetail<Pokemon> {
    let timestamp = timestamp("2024-01-01");
    EventDetail::new(PIKACHU.into(), version, timestamp, payload)
}

#[test]
fn subset_has_event_types() {
    assert_eq!(Mailed::event_types(), [PokemonEventType::Appeared, PokemonEventType::CaughtByTrainer]);
    assert_eq!(EveryTrainerEvent::event_types(), TrainerEventType::ALL);
}

#[test]
fn subset_narrows_only_its_own_events() {
    for event in [appeared("P", 1), caught_by_ash(), PokemonEvent::LeveledUp] {
        let of_subset = Mailed::event_types().contains(&event.event_type());
        assert_eq!(Mailed::narrow(&event).is_some(), of_subset, "{event:?}");
    }
    assert_eq!(Mailed::narrow(&appeared("P", 1)), Some(Mailed::Appeared { name: "P".into() }));
}

#[tokio::test]
async fn listeners_receive_narrowed_messages() {
    let bus = Game::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let log = Log::new();
    let seen = log.clone();
    listener.on(Filter::store::<Pokemon>().events::<Mailed>(), move |message, context| {
        // The whole message is also available.
        assert_eq!(message.event.version, message.message().event.version);
        seen.add((message.event.version, message.payload.clone(), context.replay));
        async { Ok(()) }
    });
    let messages = [
        NotificationMessage { event: pokemon(1, appeared("P", 1)) },
        NotificationMessage { event: pokemon(2, PokemonEvent::LeveledUp) },
        NotificationMessage { event: pokemon(3, caught_by_ash()) },
    ];
    bus.publish_messages(messages.clone()).await.unwrap();
    bus.publish_messages(messages).replay(true).await.unwrap();
    listener.idle().await;
    assert_eq!(log.entries(), [(1, Mailed::Appeared { name: "P".into() }, false), (3, Mailed::CaughtByTrainer, false)]);
}

#[tokio::test]
async fn state_carrying_messages_are_narrowed_with_their_state() {
    let bus = Backup::new(BackupSources { pokemon: EventStore::default() });
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let log = Log::new();
    let seen = log.clone();
    let filter = Filter::store::<Pokemon>().events::<Mailed>().on_replay(true);
    listener.on([filter], move |message, context| {
        seen.add((message.aggregate.level, message.payload.clone(), context.replay));
        async { Ok(()) }
    });
    let event = pokemon(1, appeared("P", 7));
    let aggregate =
        EventStore::<Pokemon>::default().build_aggregate(std::slice::from_ref(&event), None).unwrap().unwrap();
    bus.publish_message(StateCarryingMessage { event, aggregate }).replay(true).await.unwrap();
    listener.idle().await;
    assert_eq!(log.entries(), [(7, Mailed::Appeared { name: "P".into() }, true)]);
}

#[test]
fn filter_patterns_contain_the_event_types() {
    use castore::consumer::ChannelFilter;
    let filter = Filter::store::<Pokemon>().events::<Mailed>().on_replay(true);
    let patterns = ChannelFilter::<Game>::patterns(&filter);
    let wanted = FilterPattern::event_store("POKEMONS").event_types(["APPEARED", "CAUGHT_BY_TRAINER"]).on_replay(true);
    assert_eq!(patterns, [wanted]);
}
