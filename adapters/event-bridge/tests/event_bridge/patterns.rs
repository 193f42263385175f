//! Tests that patterns match the messages that filters pass.

use castore::prelude::*;
use castore_conformance::channel::channels::{
    AggregateExistsBus, KitBus, KitChannel, NotificationBus, Pokemon, PokemonEventType, StateCarryingBus, Trainer,
    TrainerEventType,
};
use castore_conformance::channel::channels::{Pokemon as KitPokemon, PokemonEventType as KitEventType};
use castore_core::channel::{CarriesEventTypes, MessageBus, MessageChannel};
use castore_core::consumer::{ChannelFilter, FilterPattern, Listeners};
use castore_event_bridge::EventPattern;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::canned::Canned;
use crate::domain::{AggregateBus, AppBus};
use crate::evaluator::matches;
use crate::large::event_of;
use crate::support::clients_of_new_account;

/// A filter, independent of the channel.
#[derive(Debug, Clone)]
enum Spec {
    All,
    Pokemons,
    Trainers,
    PokemonTypes(Vec<PokemonEventType>),
    TrainerTypes,
}

fn spec(with_types: bool) -> BoxedStrategy<(Spec, bool)> {
    let types = [PokemonEventType::Appeared, PokemonEventType::Caught, PokemonEventType::LeveledUp];
    let stores = prop_oneof![1 => Just(Spec::All), 2 => Just(Spec::Pokemons), 2 => Just(Spec::Trainers)];
    let of_types = prop_oneof![
        4 => prop::collection::vec(prop::sample::select(types.to_vec()), 1..4).prop_map(Spec::PokemonTypes),
        1 => Just(Spec::TrainerTypes),
    ];
    let spec = if with_types { prop_oneof![1 => stores, 3 => of_types].boxed() } else { stores.boxed() };
    (spec, any::<bool>()).boxed()
}

/// Returns whether a filter passes a message, together with the filter as data.
fn outcome<C: MessageBus>(
    filter: impl ChannelFilter<C>,
    message: &C::Message,
    replay: bool,
) -> (bool, Vec<FilterPattern>) {
    (filter.passes(message, replay), filter.patterns())
}

fn check<C: KitBus>(
    (spec, on_replay): &(Spec, bool),
    message: &C::Message,
    replay: bool,
) -> (bool, Vec<FilterPattern>) {
    match spec {
        Spec::All => outcome::<C>(Filter::all().on_replay(*on_replay), message, replay),
        Spec::Pokemons => outcome::<C>(Filter::store::<Pokemon>().on_replay(*on_replay), message, replay),
        Spec::Trainers => outcome::<C>(Filter::store::<Trainer>().on_replay(*on_replay), message, replay),
        Spec::PokemonTypes(_) | Spec::TrainerTypes => panic!("no types here"),
    }
}

fn check_types<C: KitBus + CarriesEventTypes>(
    filter: &(Spec, bool),
    message: &C::Message,
    replay: bool,
) -> (bool, Vec<FilterPattern>) {
    match filter {
        (Spec::PokemonTypes(types), on_replay) => {
            let (first, rest) = types.split_first().unwrap();
            let first = Filter::store::<Pokemon>().event_type(*first);
            let filter = rest.iter().fold(first, |filter, event_type| filter.event_type(*event_type));
            outcome::<C>(filter.on_replay(*on_replay), message, replay)
        }
        (Spec::TrainerTypes, on_replay) => {
            let filter = Filter::store::<Trainer>().event_type(TrainerEventType::GameStarted);
            outcome::<C>(filter.on_replay(*on_replay), message, replay)
        }
        other => check::<C>(other, message, replay),
    }
}

/// Notifications and state-carrying messages match only the patterns of their own kind. This holds for every event,
/// live and replayed.
#[tokio::test]
async fn pattern_passes_messages_of_its_kind_alone() {
    let filters = [
        FilterPattern::all(),
        FilterPattern::all().on_replay(true),
        FilterPattern::event_store("POKEMONS").on_replay(true),
        FilterPattern::event_store("POKEMONS").event_types(["APPEARED", "CAUGHT", "LEVELED_UP"]).on_replay(true),
    ];
    for filter in filters {
        let notifications = EventPattern::of_patterns::<NotificationBus>(std::slice::from_ref(&filter));
        let states = EventPattern::of_patterns::<StateCarryingBus>(std::slice::from_ref(&filter));
        for json in event_messages().into_iter().take(3) {
            for replay in [false, true] {
                let message = serde_json::from_value(json.clone()).unwrap();
                let (notification, _) = events::<NotificationBus>(&KitChannel::open(), &message, replay).await;
                let message = serde_json::from_value(with_state(json.clone())).unwrap();
                let (state, _) = events::<StateCarryingBus>(&KitChannel::open(), &message, replay).await;
                let passes = filter.on_replay || !replay;
                for (pattern, own, other) in [(&notifications, &notification, &state), (&states, &state, &notification)]
                {
                    assert_eq!(matches(&pattern.to_json(), own), passes, "{pattern} and {own}");
                    assert!(!matches(&pattern.to_json(), other), "{pattern} and {other}");
                }
            }
        }
    }
}

/// Returns the events that the adapter sends for a message, as a rule receives them: with the message, and with a
/// pointer to it.
async fn events<C: KitBus<Order = castore_core::channel::Unordered>>(
    channel: &C,
    message: &C::Message,
    replay: bool,
) -> (Value, Value) {
    let canned = Canned::new([]);
    canned.builder::<C>().mark_replays_in_detail(true).attach_to(channel).unwrap();
    channel.publish_message(message.clone()).replay(replay).await.unwrap();
    let event = event_of(&canned.entries()[0]);
    let mut pointer = event.clone();
    pointer["detail"] = json!({ "messageUrl": "https://elsewhere" });
    (event, pointer)
}

fn pokemon(event_type: &str, payload: Option<Value>) -> Value {
    let mut event = json!({
        "aggregateId": "a", "version": 1, "type": event_type, "timestamp": "2024-01-01T00:00:00.000Z",
    });
    if let Some(payload) = payload {
        event["payload"] = payload;
    }
    json!({ "eventStoreId": "POKEMONS", "event": event })
}

/// Returns messages of every store and event type.
fn event_messages() -> Vec<Value> {
    let mut trainer = pokemon("GAME_STARTED", Some(json!({ "name": "Ash" })));
    trainer["eventStoreId"] = json!("TRAINERS");
    vec![
        pokemon("APPEARED", Some(json!({ "name": "Pikachu", "level": 1 }))),
        pokemon("CAUGHT", Some(json!({ "trainerId": "ash" }))),
        pokemon("LEVELED_UP", None),
        trainer,
    ]
}

fn with_state(mut message: Value) -> Value {
    message["aggregate"] = json!({ "aggregateId": "a", "version": 1, "name": "x", "events": 1 });
    message
}

fn aggregate_messages() -> Vec<Value> {
    ["POKEMONS", "TRAINERS"]
        .map(|store| {
            json!({
                "eventStoreId": store, "aggregateId": "a", "initialEventTimestamp": "2024-01-01T00:00:00.000Z",
            })
        })
        .into()
}

type Check<C> = fn(&(Spec, bool), &<C as MessageChannel>::Message, bool) -> (bool, Vec<FilterPattern>);

/// Asserts that the pattern of all these filters matches each message if and only if one of the filters passes it.
fn agree<C: KitBus<Order = castore_core::channel::Unordered>>(
    channel: &C,
    filters: &[(Spec, bool)],
    messages: &[Value],
    check: Check<C>,
) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for json in messages {
        let message: C::Message = serde_json::from_value(json.clone()).unwrap();
        for replay in [false, true] {
            let checked: Vec<_> = filters.iter().map(|filter| check(filter, &message, replay)).collect();
            let passes = checked.iter().any(|(passes, _)| *passes);
            let patterns: Vec<_> = checked.into_iter().flat_map(|(_, patterns)| patterns).collect();
            let pattern = EventPattern::of_patterns::<C>(&patterns);
            let (event, pointer) = runtime.block_on(events(channel, &message, replay));
            prop_assert_eq!(matches(&pattern.to_json(), &event), passes, "{} and {}", &pattern, &event);
            // If the pattern is split into several rules, exactly one of the rules delivers the message.
            let rules = pattern.clone().into_rules();
            let delivered = rules.iter().filter(|rule| matches(&rule.to_json(), &event)).count();
            prop_assert_eq!(delivered, usize::from(passes), "{} and {}", &pattern, &event);
            // Stored messages are not lost. Only replays may reach listeners that filter by event type.
            let reaches = matches(&pattern.to_json(), &pointer);
            prop_assert!(reaches || !passes, "{} and {}", &pattern, &pointer);
            if !replay {
                prop_assert_eq!(reaches, passes, "{} and {}", &pattern, &pointer);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn of_notifications(filters in prop::collection::vec(spec(true), 0..5)) {
        agree::<NotificationBus>(&KitChannel::open(), &filters, &event_messages(), check_types::<NotificationBus>)?;
    }

    #[test]
    fn of_state_carrying_messages(filters in prop::collection::vec(spec(true), 0..4)) {
        let messages: Vec<_> = event_messages().into_iter().map(with_state).collect();
        agree::<StateCarryingBus>(&KitChannel::open(), &filters, &messages, check_types::<StateCarryingBus>)?;
    }

    #[test]
    fn of_aggregate_exists_messages(filters in prop::collection::vec(spec(false), 0..4)) {
        agree::<AggregateExistsBus>(&KitChannel::open(), &filters, &aggregate_messages(), check::<AggregateExistsBus>)?;
    }

    /// The text of a pattern does not depend on the order of the filters.
    #[test]
    fn the_order_of_filters_does_not_matter(mut filters in prop::collection::vec(spec(true), 0..6)) {
        let message = serde_json::from_value(event_messages()[0].clone()).unwrap();
        let text = |filters: &[(Spec, bool)]| {
            let patterns: Vec<_> =
                filters.iter().flat_map(|filter| check_types::<NotificationBus>(filter, &message, false).1).collect();
            EventPattern::of_patterns::<NotificationBus>(&patterns).to_string()
        };
        let before = text(&filters);
        filters.reverse();
        filters.extend(filters.first().cloned());
        prop_assert_eq!(text(&filters), before);
    }
}

/// Checks the evaluator against the emulator, which behaves like EventBridge.
#[tokio::test(flavor = "multi_thread")]
async fn the_emulator_agrees_with_the_evaluator() {
    let (events, _) = clients_of_new_account();
    let types = |event_types: &[PokemonEventType]| {
        let (first, rest) = event_types.split_first().unwrap();
        rest.iter()
            .fold(Filter::store::<Pokemon>().event_type(*first), |filter, event_type| filter.event_type(*event_type))
    };
    let (appeared, caught) = (PokemonEventType::Appeared, PokemonEventType::Caught);
    let patterns = [
        EventPattern::of_filter::<NotificationBus>(&Filter::all()),
        EventPattern::of_filter::<NotificationBus>(&Filter::all().on_replay(true)),
        EventPattern::of_filter::<NotificationBus>(&Filter::store::<Trainer>()),
        EventPattern::of_filter::<NotificationBus>(&types(&[appeared, caught])),
        EventPattern::of_filter::<NotificationBus>(&types(&[appeared, caught]).on_replay(true)),
        EventPattern::of_filter::<NotificationBus>(&[types(&[appeared]).on_replay(true), types(&[caught])]),
        EventPattern::of_filter::<NotificationBus>(&(
            types(&[appeared]).on_replay(true),
            Filter::store::<Trainer>().on_replay(true),
            Filter::store::<Pokemon>(),
        )),
        EventPattern::of_filter::<NotificationBus>(&Vec::<Filter>::new()),
        EventPattern::of_filter::<StateCarryingBus>(&Filter::all()),
        EventPattern::of_filter::<StateCarryingBus>(&types(&[appeared, caught]).on_replay(true)),
        EventPattern::of_filter::<AggregateExistsBus>(&Filter::all()),
        EventPattern::of_filter::<AggregateExistsBus>(&Filter::store::<Pokemon>().on_replay(true)),
    ];
    let mut samples = Vec::new();
    let states = event_messages().into_iter().map(with_state);
    for message in event_messages().into_iter().chain(states) {
        for detail_type in [message["event"]["type"].clone(), json!("__REPLAYED__")] {
            let entry = json!({
                "Source": message["eventStoreId"], "DetailType": detail_type, "Detail": message.to_string(),
            });
            let mut pointer = event_of(&entry);
            pointer["detail"] = json!({ "messageUrl": "https://elsewhere" });
            samples.extend([event_of(&entry), pointer]);
        }
    }
    for message in aggregate_messages() {
        let mut marked = message.clone();
        marked["replay"] = json!(true);
        for detail in [&message, &marked] {
            samples.push(event_of(&json!({
                "Source": message["eventStoreId"], "DetailType": "__AGGREGATE_EXISTS__", "Detail": detail.to_string(),
            })));
        }
    }
    for pattern in &patterns {
        for sample in &samples {
            let test = events.test_event_pattern().event_pattern(pattern.to_string()).event(sample.to_string());
            let result = test.send().await.unwrap().result();
            assert_eq!(result, matches(&pattern.to_json(), sample), "{pattern} and {sample}");
        }
    }
}

/// The text of deployed patterns, which must not change.
#[test]
fn the_text_of_patterns() {
    use crate::domain::{Mailed, Pokemon, PokemonEventType, Trainer};
    let appeared = || Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    let of = |filter: EventPattern| serde_json::from_str::<Value>(&filter.to_string()).unwrap();
    // The order of the keys matters, too.
    assert_eq!(
        EventPattern::of_filter::<AppBus>(&appeared().on_replay(true)).to_string(),
        concat!(
            r#"{"$or":[{"source":["POKEMONS"],"detail-type":["APPEARED"],"#,
            r#""detail":{"aggregate":{"version":[{"exists":false}]}}},"#,
            r#"{"source":["POKEMONS"],"detail-type":["__REPLAYED__"],"#,
            r#""detail":{"aggregate":{"version":[{"exists":false}]},"event":{"type":["APPEARED",{"exists":false}]}}}]}"#,
        )
    );
    assert_eq!(
        of(EventPattern::of_filter::<AppBus>(&Filter::all())),
        json!({
            "source": ["POKEMONS", "TRAINERS"],
            "detail-type": [{ "anything-but": ["__AGGREGATE_EXISTS__", "__REPLAYED__"] }],
            "detail": { "aggregate": { "version": [{ "exists": false }] } },
        })
    );
    assert_eq!(
        of(EventPattern::of_filter::<AppBus>(&Filter::all().on_replay(true))),
        json!({
            "source": ["POKEMONS", "TRAINERS"],
            "detail-type": [{ "anything-but": ["__AGGREGATE_EXISTS__"] }],
            "detail": { "aggregate": { "version": [{ "exists": false }] } },
        })
    );
    assert_eq!(
        of(EventPattern::of_filter::<AppBus>(&appeared())),
        json!({ "source": ["POKEMONS"], "detail-type": ["APPEARED"], "detail": { "aggregate": { "version": [{ "exists": false }] } } })
    );
    let replays_too = json!({ "$or": [
        { "source": ["POKEMONS"], "detail-type": ["APPEARED"], "detail": { "aggregate": { "version": [{ "exists": false }] } } },
        {
            "source": ["POKEMONS"],
            "detail-type": ["__REPLAYED__"],
            "detail": {
                "aggregate": { "version": [{ "exists": false }] },
                "event": { "type": ["APPEARED", { "exists": false }] },
            },
        },
    ] });
    assert_eq!(of(EventPattern::of_filter::<AppBus>(&appeared().on_replay(true))), replays_too);
    assert_eq!(
        of(EventPattern::of_filter::<AggregateBus>(&Filter::store::<Trainer>())),
        json!({
            "source": ["TRAINERS"],
            "detail-type": ["__AGGREGATE_EXISTS__"],
            "detail": { "replay": [{ "exists": false }] },
        })
    );
    assert_eq!(
        of(EventPattern::of_filter::<AppBus>(&Vec::<Filter>::new())),
        json!({ "source": [{ "exists": false }] })
    );
    // The detail of a state-carrying message contains the state, unless the message is stored elsewhere.
    let with_state = Filter::store::<KitPokemon>().event_type(KitEventType::Appeared);
    assert_eq!(
        of(EventPattern::of_filter::<StateCarryingBus>(&with_state.on_replay(true))),
        json!({ "$or": [
            {
                "source": ["POKEMONS"],
                "detail-type": ["APPEARED"],
                "detail": { "aggregate": { "version": [{ "exists": true }] } },
            },
            {
                "source": ["POKEMONS"],
                "detail-type": ["APPEARED"],
                "detail": { "messageUrl": [{ "exists": true }] },
            },
            {
                "source": ["POKEMONS"],
                "detail-type": ["__REPLAYED__"],
                "detail": { "aggregate": { "version": [{ "exists": true }] }, "event": { "type": ["APPEARED"] } },
            },
            {
                "source": ["POKEMONS"],
                "detail-type": ["__REPLAYED__"],
                "detail": { "messageUrl": [{ "exists": true }] },
            },
        ] })
    );
    // Listeners have the pattern of all their filters.
    let listeners = Listeners::<AppBus>::new()
        .on(Filter::store::<Pokemon>().events::<Mailed>(), |_, _| async { Ok(()) })
        .on(appeared(), |_, _| async { Ok(()) })
        .on(Filter::store::<Trainer>(), |_, _| async { Ok(()) });
    assert_eq!(
        of(EventPattern::of_listeners(&listeners)),
        json!({ "$or": [
            {
                "source": ["TRAINERS"],
                "detail-type": [{ "anything-but": ["__AGGREGATE_EXISTS__", "__REPLAYED__"] }],
                "detail": { "aggregate": { "version": [{ "exists": false }] } },
            },
            { "source": ["POKEMONS"], "detail-type": ["APPEARED", "LEVELED_UP"], "detail": { "aggregate": { "version": [{ "exists": false }] } } },
        ] })
    );
    let listeners = listeners.otherwise(|_, _| async { Ok(()) });
    assert_eq!(
        EventPattern::of_listeners(&listeners),
        EventPattern::of_filter::<AppBus>(&Filter::all().on_replay(true))
    );
}
