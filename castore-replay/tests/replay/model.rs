//! Property tests that compare pours of random stores with a model that sorts all events.

use castore::prelude::*;
use castore_replay::*;
use proptest::prelude::*;

use crate::domain::*;

/// The timestamps of all versions of each aggregate.
type Timestamps = Vec<Vec<u64>>;

fn timestamps() -> impl Strategy<Value = Timestamps> {
    // There are only a few distinct timestamps, so that many events have the same timestamp. The timestamps do not grow
    // with the versions.
    prop::collection::vec(prop::collection::vec(0..12_u64, 1..8), 0..9)
}

#[derive(Debug, Clone)]
struct Options {
    events_ahead: usize,
    aggregates_per_page: u64,
    from: Option<u64>,
    to: Option<u64>,
    caught_only: bool,
}

fn options() -> impl Strategy<Value = Options> {
    (0..40_usize, 1..5_u64, prop::option::of(0..12_u64), prop::option::of(0..12_u64), any::<bool>()).prop_map(
        |(events_ahead, aggregates_per_page, from, to, caught_only)| Options {
            events_ahead,
            aggregates_per_page,
            from,
            to,
            caught_only,
        },
    )
}

fn stores(pokemon: &Timestamps, trainer: &Timestamps) -> (EventStore<Pokemon>, EventStore<Trainer>) {
    let pokemon = pokemon.iter().enumerate().flat_map(|(id, versions)| {
        versions.iter().zip(1..).map(move |(millis, version)| pokemon_event(&id.to_string(), version, at(*millis)))
    });
    let trainer = trainer.iter().enumerate().flat_map(|(id, versions)| {
        versions.iter().zip(1..).map(move |(millis, version)| trainer_event(&id.to_string(), version, at(*millis)))
    });
    (pokemons(pokemon), trainers(trainer))
}

/// Returns the names of the expected messages. The events are sorted by timestamp, by store, by the position of the
/// aggregate in the list, and by version. If an earlier version has a later timestamp, the event gets that timestamp.
fn model(stores: [(&str, &Timestamps); 2], options: &Options) -> Vec<String> {
    let mut events = Vec::new();
    for (number, (store, aggregates)) in stores.into_iter().enumerate() {
        for (id, versions) in aggregates.iter().enumerate() {
            let mut latest = 0;
            for (millis, version) in versions.iter().zip(1_u64..) {
                latest = latest.max(*millis);
                let in_range =
                    options.from.is_none_or(|from| latest >= from) && options.to.is_none_or(|to| latest <= to);
                let of_type = !options.caught_only || store != "POKEMONS" || version == 2;
                if in_range && of_type {
                    events.push((latest, number, (versions[0], id), version, format!("{store} {id}#{version}")));
                }
            }
        }
    }
    events.sort();
    events.into_iter().map(|event| event.4).collect()
}

struct Poured {
    names: Vec<String>,
    points: Vec<AfterEvent>,
    answer: PouredCollectionEvents,
}

fn pour(stores: &(EventStore<Pokemon>, EventStore<Trainer>), options: &Options, resume: Option<AfterEvent>) -> Poured {
    let (bus, recording) = bus();
    let mut pokemons = events_of(&stores.0);
    if options.caught_only {
        pokemons = pokemons.event_type(PokemonEventType::CaughtByTrainer);
    }
    let (send, receive) = std::sync::mpsc::channel();
    let mut pour = pour_event_store_collection_events((pokemons, &stores.1), &bus)
        .events_ahead(options.events_ahead)
        .aggregates_per_page(options.aggregates_per_page)
        .on_progress(move |progress| send.send(progress.clone()).unwrap());
    if let Some(from) = options.from {
        pour = pour.from(at(from));
    }
    if let Some(to) = options.to {
        pour = pour.to(at(to));
    }
    if let Some(point) = resume {
        pour = pour.resume_from(point);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(pour.into_future()).unwrap();
    let progress: Vec<_> = receive.into_iter().collect();
    assert!(progress.iter().map(|progress| progress.poured_count).eq(1..=answer.poured_event_count));
    let points = progress.into_iter().map(|progress| progress.resume_point).collect();
    Poured { names: names(&recording), points, answer }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A full pour matches the model. A pour that resumes after any of its events pours the rest.
    #[test]
    fn pours_match_the_model(pokemon in timestamps(), trainer in timestamps(), options in options()) {
        let stores = stores(&pokemon, &trainer);
        let wanted = model([("POKEMONS", &pokemon), ("TRAINERS", &trainer)], &options);
        let whole = pour(&stores, &options, None);
        prop_assert_eq!(&whole.names, &wanted);
        prop_assert_eq!(whole.answer.poured_event_count, wanted.len() as u64);
        prop_assert_eq!(&whole.answer.resume_point, &whole.points.last().cloned());
        for (poured, point) in whole.points.iter().enumerate() {
            let kept = serde_json::to_string(point).unwrap();
            let point = serde_json::from_str(&kept).unwrap();
            let rest = pour(&stores, &options, Some(point));
            prop_assert_eq!(&rest.names, &wanted[poured + 1..], "after {}", &wanted[poured]);
            prop_assert_eq!(&rest.answer.resume_point, &whole.answer.resume_point);
        }
    }

    /// Two pours of adjacent time ranges pour each event once.
    #[test]
    fn adjacent_time_ranges_pour_each_event_once(pokemon in timestamps(), trainer in timestamps(), options in options(), border in 0..12_u64) {
        let stores = stores(&pokemon, &trainer);
        let all = Options { from: None, to: None, ..options };
        let mut names = pour(&stores, &Options { to: Some(border), ..all.clone() }, None).names;
        names.extend(pour(&stores, &Options { from: Some(border + 1), ..all.clone() }, None).names);
        prop_assert_eq!(names, pour(&stores, &all, None).names);
    }

    /// Ids are poured in the order of the list. A pour can resume after any id.
    #[test]
    fn ids_are_poured_once(pokemon in timestamps(), limit in 1..4_u64, reverse in any::<bool>()) {
        let (store, _) = stores(&pokemon, &Vec::new());
        let census = CensusBus::new();
        let recording = Recording::attach_to(&census);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        let whole = pour_event_store_aggregate_ids(&store, &census).limit(limit).reverse(reverse);
        let whole = whole.on_progress(move |progress| send.send(progress.resume_point.clone()).unwrap());
        let answer = runtime.block_on(whole.into_future()).unwrap();
        let whole = names(&recording);
        let mut ids: Vec<_> = pokemon.iter().enumerate().map(|(id, versions)| (versions[0], id)).collect();
        ids.sort();
        if reverse {
            ids.reverse();
        }
        let wanted: Vec<_> = ids.into_iter().map(|(_, id)| format!("POKEMONS {id}")).collect();
        prop_assert_eq!(&whole, &wanted);
        prop_assert_eq!(answer.poured_aggregate_id_count, wanted.len() as u64);
        for (poured, point) in receive.into_iter().enumerate() {
            let point = serde_json::from_str(&serde_json::to_string(&point).unwrap()).unwrap();
            let rest = pour_event_store_aggregate_ids(&store, &census).limit(limit + 1).reverse(reverse).resume_from(point);
            runtime.block_on(rest.into_future()).unwrap();
            prop_assert_eq!(names(&recording), &wanted[poured + 1..]);
        }
    }

    /// A full pour of one aggregate matches the model. A pour that resumes after any of its events pours the rest.
    #[test]
    fn an_aggregate_is_poured_once(
        versions in prop::collection::vec(0..12_u64, 1..12),
        reverse in any::<bool>(),
        limit in prop::option::of(0..12_u64),
        min in prop::option::of(1..12_u64),
        max in prop::option::of(1..12_u64),
        from in prop::option::of(0..12_u64),
    ) {
        let (store, _) = stores(&vec![versions.clone()], &Vec::new());
        let (bus, recording) = bus();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let request = || {
            let mut pour = pour_aggregate_events(&store, "0", &bus).reverse(reverse);
            if let Some(limit) = limit { pour = pour.limit(limit); }
            if let Some(min) = min { pour = pour.min_version(min); }
            if let Some(max) = max { pour = pour.max_version(max); }
            if let Some(from) = from { pour = pour.from(at(from)); }
            pour
        };
        let mut wanted: Vec<_> = (1..).zip(versions).filter(|(version, _)| {
            min.is_none_or(|min| *version >= min) && max.is_none_or(|max| *version <= max)
        }).collect();
        if reverse { wanted.reverse(); }
        wanted.truncate(limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap()));
        wanted.retain(|(_, millis)| from.is_none_or(|from| *millis >= from));
        let wanted: Vec<_> = wanted.into_iter().map(|(version, _)| format!("POKEMONS 0#{version}")).collect();
        let (send, receive) = std::sync::mpsc::channel();
        let whole = request().on_progress(move |progress| send.send(progress.resume_point.clone()).unwrap());
        runtime.block_on(whole.into_future()).unwrap();
        prop_assert_eq!(names(&recording), &wanted[..]);
        for (poured, point) in receive.into_iter().enumerate() {
            runtime.block_on(request().resume_from(point).into_future()).unwrap();
            prop_assert_eq!(names(&recording), &wanted[poured + 1..]);
        }
    }
}
