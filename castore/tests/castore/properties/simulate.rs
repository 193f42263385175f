//! Property tests that compare simulated aggregates with a simple model.

use std::collections::BTreeMap;

use castore::prelude::*;
use proptest::prelude::*;

use super::{config, day};

#[derive(Debug, Clone, PartialEq, Event)]
enum TraceEvent {
    Happened(u32),
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "TRACES", event = TraceEvent)]
struct Trace(Vec<(u64, u32)>);

impl Reducer for Trace {
    fn reduce(trace: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let TraceEvent::Happened(number) = event.payload;
        let mut trace = trace.unwrap_or(Self(Vec::new()));
        trace.0.push((event.version, number));
        Ok(trace)
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn simulated_events_are_deduplicated_sorted_and_renumbered(
        events in prop::collection::vec((1u64..2000, 0u8..6), 0..30),
        date in prop::option::of(0u8..6),
    ) {
        // Returns versions with one to four digits, several of each length.
        let few = |version: u64| version % 7 * (version % 300) + 1;
        let events: Vec<(u64, u8)> = events.into_iter().map(|(version, at)| (few(version), at)).collect();
        let details = events.iter().zip(0..).map(|((version, at), number)| EventDetail::<Trace>::new("t".to_owned(), *version, day(*at), TraceEvent::Happened(number)));
        let store = EventStore::<Trace>::without_adapter();
        let mut simulation = store.simulate_aggregate(details);
        if let Some(date) = date {
            simulation = simulation.simulation_date(day(date));
        }
        let simulated = simulation.simulate().unwrap();

        let mut by_version = BTreeMap::new();
        for ((version, at), number) in events.into_iter().zip(0u32..) {
            by_version.insert(version, (at, version, number));
        }
        let happened = |at: u8| date.is_none_or(|date| at <= date);
        let mut kept: Vec<_> = by_version.into_values().filter(|(at, ..)| happened(*at)).collect();
        kept.sort();
        let wanted: Vec<(u64, u32)> = (1..).zip(kept.iter().map(|(.., number)| *number)).collect();
        match simulated {
            Some(aggregate) => {
                prop_assert_eq!(aggregate.version, wanted.len() as u64);
                prop_assert_eq!(aggregate.state.0, wanted);
            }
            None => prop_assert!(wanted.is_empty()),
        }
    }
}
