//! Property tests that compare filters with a simple model.

use castore::consumer::{ChannelFilter, FilterPattern};
use castore::prelude::*;
use proptest::prelude::*;

use super::{config, run};
use crate::golden::domain::*;
use crate::support::{Log, timestamp};

message_channel! {
    type Game = NotificationMessageBus<Pokemon, Trainer>;
}

#[derive(Debug, Clone)]
enum Wanted {
    All,
    Pokemons,
    Trainers,
    Types(Vec<PokemonEventType>),
}

fn wanted() -> impl Strategy<Value = Wanted> {
    prop_oneof![
        Just(Wanted::All),
        Just(Wanted::Pokemons),
        Just(Wanted::Trainers),
        prop::collection::vec(prop::sample::select(PokemonEventType::ALL), 1..3).prop_map(Wanted::Types),
    ]
}

/// Generates the index of a store in the channel, and the index of an event type in the store.
fn kind() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![(Just(0usize), 0usize..3), (Just(1usize), 0usize..2)]
}

fn message((store, event_type): (usize, usize)) -> GameMessage {
    fn of<S: EventSourced<AggregateId = String>>(payload: S::Event) -> NotificationMessage<S> {
        let timestamp = timestamp("2024-01-01");
        NotificationMessage { event: EventDetail::new("a".into(), 1, timestamp, payload) }
    }
    match (store, event_type) {
        (0, 0) => of::<Pokemon>(appeared("P", 1)).into(),
        (0, 1) => of::<Pokemon>(caught_by_ash()).into(),
        (0, _) => of::<Pokemon>(PokemonEvent::LeveledUp).into(),
        (_, 0) => of::<Trainer>(TrainerEvent::GameStarted { trainer_name: "T".into() }).into(),
        (_, _) => of::<Trainer>(TrainerEvent::PokemonCaught { pokemon_id: PIKACHU.into() }).into(),
    }
}

fn passes(wanted: &Wanted, on_replay: bool, (store, event_type): (usize, usize), replay: bool) -> bool {
    (on_replay || !replay)
        && match wanted {
            Wanted::All => true,
            Wanted::Pokemons => store == 0,
            Wanted::Trainers => store == 1,
            Wanted::Types(types) => store == 0 && types.contains(&PokemonEventType::ALL[event_type]),
        }
}

/// Returns whether a message matches the patterns for a broker.
fn passes_patterns(patterns: &[FilterPattern], (store, event_type): (usize, usize), replay: bool) -> bool {
    let (id, name) = match store {
        0 => ("POKEMONS", PokemonEventType::ALL[event_type].as_str()),
        _ => ("TRAINERS", TrainerEventType::ALL[event_type].as_str()),
    };
    patterns.iter().any(|pattern| {
        (pattern.on_replay || !replay)
            && pattern.event_store_id.is_none_or(|wanted| wanted == id)
            && pattern.event_types.as_ref().is_none_or(|types| types.contains(&name))
    })
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn filters_match_the_model(
        filters in prop::collection::vec((wanted(), any::<bool>()), 1..6),
        messages in prop::collection::vec((kind(), any::<bool>()), 0..12),
    ) {
        run(async {
            let bus = Game::new();
            let listener = InMemoryMessageBusAdapter::attach_to(&bus);
            let mut logs = Vec::new();
            for (wanted, on_replay) in &filters {
                let log = Log::<bool>::new();
                logs.push(log.clone());
                macro_rules! on {
                    ($filter:expr) => {{
                        let filter = $filter.on_replay(*on_replay);
                        let patterns = ChannelFilter::<Game>::patterns(&filter);
                        for (kind, replay) in &messages {
                            let told = passes_patterns(&patterns, *kind, *replay);
                            assert_eq!(told, ChannelFilter::<Game>::passes(&filter, &message(*kind), *replay), "{patterns:?}");
                        }
                        listener.on(filter, move |_, context| {
                            log.add(context.replay);
                            async { Ok(()) }
                        })
                    }};
                }
                match wanted {
                    Wanted::All => on!(Filter::all()),
                    Wanted::Pokemons => on!(Filter::store::<Pokemon>()),
                    Wanted::Trainers => on!(Filter::store::<Trainer>()),
                    Wanted::Types(types) => {
                        let filter = Filter::store::<Pokemon>().event_type(types[0]);
                        on!(types[1..].iter().fold(filter, |filter, event_type| filter.event_type(*event_type)));
                    }
                }
            }
            for (kind, replay) in &messages {
                bus.publish_message(message(*kind)).replay(*replay).await.unwrap();
            }
            listener.idle().await;
            for ((wanted, on_replay), log) in filters.iter().zip(logs) {
                let passed: Vec<bool> = messages
                    .iter()
                    .filter(|(kind, replay)| passes(wanted, *on_replay, *kind, *replay))
                    .map(|(_, replay)| *replay)
                    .collect();
                assert_eq!(log.entries(), passed, "{wanted:?}, on replay: {on_replay}");
            }
        });
    }
}
