use castore_conformance::channel::KitBus;
use castore_conformance::channel::channels::{
    AggregateExistsBus, NotificationBus, Pokemon, PokemonEventType, StateCarryingBus, Trainer, TrainerEventType,
};
use castore_core::channel::CarriesEventTypes;
use castore_core::consumer::{ChannelFilter, Filter};
use castore_core::message::ChannelMessage;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const STORES: [&str; 4] = ["ORDERS", "OR.DERS", "*", ""];
const TYPES: [&str; 4] = ["PLACED", "PLA CED", ">", "~exists"];

/// Returns whether a subject exists that matches both filters. The filters must not contain `>`.
fn overlap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<_>, Vec<_>) = (one.split('.').collect(), other.split('.').collect());
    one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| one == other || *one == "*" || *other == "*")
}

/// Returns whether the patterns pass a message.
fn passes(patterns: &[FilterPattern], store: &str, event_type: Option<&str>, replay: bool) -> bool {
    patterns.iter().any(|pattern| {
        (pattern.on_replay || !replay)
            && pattern.event_store_id.is_none_or(|wanted| wanted == store)
            && pattern.event_types.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| event_type == Some(*wanted)))
    })
}

fn pattern() -> impl Strategy<Value = FilterPattern> {
    let types = proptest::option::of(vec(proptest::sample::select(TYPES.to_vec()), 0..3));
    (proptest::option::of((proptest::sample::select(STORES.to_vec()), types)), any::<bool>()).prop_map(
        |(of_store, on_replay)| {
            let pattern = match of_store {
                None => FilterPattern::all(),
                Some((store, None)) => FilterPattern::event_store(store),
                Some((store, Some(types))) => FilterPattern::event_store(store).event_types(types),
            };
            pattern.on_replay(on_replay)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn subjects_pass_what_the_patterns_pass(
        patterns in vec(pattern(), 0..5),
        partitions in proptest::option::of(1_u32..4),
        aggregate in "[a-c.*> ]{0,3}",
    ) {
        let layout = Layout { prefix: "a.b".to_owned(), partitions };
        for partition in layout.lanes() {
            let filters = filter_subjects(&layout, &patterns, partition);
            prop_assert!(!filters.is_empty(), "a consumer without filter gets everything");
            for (at, one) in filters.iter().enumerate() {
                prop_assert!(overlap(one, &layout.all(None)), "{one} is not in the stream");
                for other in &filters[at + 1..] {
                    prop_assert!(!overlap(one, other), "{one} and {other} overlap");
                }
            }
            let types = TYPES.iter().map(|event_type| Some(*event_type)).chain([None]);
            for event_type in types {
                for store in STORES {
                    for replay in [false, true] {
                        let subject = layout.subject(store, &aggregate, event_type, replay);
                        prop_assert!(matches(&layout.all(None), &subject));
                        prop_assert!(!matches(&layout.dead_letters(), &subject));
                        let here = matches(&layout.all(partition), &subject);
                        let wanted = here && passes(&patterns, store, event_type, replay);
                        let matching = filters.iter().filter(|filter| matches(filter, &subject)).count();
                        prop_assert_eq!(matching, usize::from(wanted), "{}: {:?}", subject, filters);
                    }
                }
            }
        }
    }
}

/// A filter for the buses of the conformance kit. The event types are given as numbers.
#[derive(Debug, Clone)]
enum Wanted {
    All,
    Pokemons,
    Trainers,
    PokemonTypes(Vec<usize>),
    GameStarted,
}

fn wanted(event_types: bool) -> impl Strategy<Value = (Wanted, bool)> {
    let types = vec(0_usize..3, 1..4).prop_map(Wanted::PokemonTypes);
    let with_types = prop_oneof![types, Just(Wanted::GameStarted)].boxed();
    let without = prop_oneof![Just(Wanted::All), Just(Wanted::Pokemons), Just(Wanted::Trainers)].boxed();
    let wanted = if event_types { prop_oneof![1 => without, 2 => with_types].boxed() } else { without };
    (wanted, any::<bool>())
}

/// A filter in two forms: as patterns, and as the function that decides in the consumer.
struct Both<C: KitBus> {
    patterns: Vec<FilterPattern>,
    passes: Box<Passes<C::Message>>,
}

type Passes<M> = dyn Fn(&M, bool) -> bool;

fn both<C: KitBus, F: ChannelFilter<C>>(filter: F) -> Both<C> {
    let patterns = filter.patterns();
    Both { patterns, passes: Box::new(move |message, replay| filter.passes(message, replay)) }
}

fn of_stores<C: KitBus>((wanted, on_replay): &(Wanted, bool)) -> Both<C> {
    match wanted {
        Wanted::Pokemons => both(Filter::store::<Pokemon>().on_replay(*on_replay)),
        Wanted::Trainers => both(Filter::store::<Trainer>().on_replay(*on_replay)),
        _ => both(Filter::all().on_replay(*on_replay)),
    }
}

fn of_types<C: KitBus + CarriesEventTypes>(wanted: &(Wanted, bool)) -> Both<C> {
    let types = [PokemonEventType::Appeared, PokemonEventType::Caught, PokemonEventType::LeveledUp];
    match wanted {
        (Wanted::PokemonTypes(numbers), on_replay) => {
            let mut numbers = numbers.iter().map(|number| types[*number]);
            let first = Filter::store::<Pokemon>().event_type(numbers.next().unwrap());
            both(numbers.fold(first, |filter, event_type| filter.event_type(event_type)).on_replay(*on_replay))
        }
        (Wanted::GameStarted, on_replay) => {
            both(Filter::store::<Trainer>().event_type(TrainerEventType::GameStarted).on_replay(*on_replay))
        }
        other => of_stores(other),
    }
}

/// Returns messages of a bus of the kit, from both stores and with every event type.
fn messages<C: KitBus>() -> Vec<C::Message> {
    let event = |kind: &str, payload: serde_json::Value| {
        let timestamp = "2021-01-01T00:00:00.000Z";
        let mut event = serde_json::json!({"aggregateId": "a", "version": 1, "type": kind, "timestamp": timestamp});
        if !payload.is_null() {
            event["payload"] = payload;
        }
        event
    };
    let pokemons = [
        event("APPEARED", serde_json::json!({"name": "Pikachu", "level": 1})),
        event("CAUGHT", serde_json::json!({"trainerId": "Ash"})),
        event("LEVELED_UP", serde_json::Value::Null),
    ];
    let trainers = [event("GAME_STARTED", serde_json::json!({"name": "Ash"}))];
    let of_store = |store: &'static str, aggregate: serde_json::Value| {
        move |event| {
            serde_json::from_value(serde_json::json!({
                "eventStoreId": store, "event": event, "aggregate": aggregate,
                "aggregateId": "a", "initialEventTimestamp": "2021-01-01T00:00:00.000Z",
            }))
            .unwrap()
        }
    };
    let pokemon = serde_json::json!({"aggregateId": "a", "version": 1, "name": "Pikachu", "events": 1});
    let trainer = serde_json::json!({"aggregateId": "a", "version": 1, "name": "Ash"});
    let pokemons = pokemons.into_iter().map(of_store("POKEMONS", pokemon));
    pokemons.chain(trainers.into_iter().map(of_store("TRAINERS", trainer))).collect()
}

/// Asserts that the server sends exactly the messages that the filters in the program pass.
fn agree<C: KitBus>(filters: &[Both<C>], partitions: Option<u32>) -> Result<(), TestCaseError> {
    let layout = Layout { prefix: "p".to_owned(), partitions };
    let patterns: Vec<_> = filters.iter().flat_map(|filter| filter.patterns.iter().cloned()).collect();
    for message in messages::<C>() {
        for replay in [false, true] {
            let about = message.as_message();
            let subject = layout.subject(about.event_store_id(), &about.aggregate_id(), about.event_type(), replay);
            let passes = filters.iter().any(|filter| (filter.passes)(&message, replay));
            let of_partition = |partition| filter_subjects(&layout, &patterns, partition);
            let sent = layout.lanes().into_iter().flat_map(of_partition);
            let sent = sent.filter(|filter| matches(filter, &subject)).count();
            prop_assert_eq!(sent, usize::from(passes), "{}", subject);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn subjects_pass_what_filters_pass(
        typed in vec(wanted(true), 0..4),
        untyped in vec(wanted(false), 0..4),
        partitions in proptest::option::of(1_u32..5),
    ) {
        agree::<NotificationBus>(&typed.iter().map(of_types).collect::<Vec<_>>(), partitions)?;
        agree::<StateCarryingBus>(&typed.iter().map(of_types).collect::<Vec<_>>(), partitions)?;
        agree::<AggregateExistsBus>(&untyped.iter().map(of_stores).collect::<Vec<_>>(), partitions)?;
    }
}

#[test]
fn covered_filters_are_omitted() {
    let layout = Layout { prefix: "p".to_owned(), partitions: None };
    let subjects = |patterns: &[FilterPattern]| filter_subjects(&layout, patterns, None);
    let orders = || FilterPattern::event_store("ORDERS");
    assert_eq!(subjects(&[FilterPattern::all(), orders()]), ["p.*.*.live"]);
    assert_eq!(subjects(&[FilterPattern::all(), orders().on_replay(true)]), ["p.*.*.live", "p.ORDERS.*.replay"]);
    assert_eq!(subjects(&[orders().event_types(["B", "A", "A"])]), ["p.ORDERS.A.live", "p.ORDERS.B.live"]);
    assert_eq!(subjects(&[orders().event_types(["A"]).on_replay(true)]), ["p.ORDERS.A.*"]);
    assert_eq!(subjects(&[]), ["p.~none.~none.live"]);
    assert_eq!(subjects(&[orders().event_types([])]), ["p.~none.~none.live"]);
}
