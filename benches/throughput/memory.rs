use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::Ordering;

use castore::context::EventContext;
use castore::prelude::*;
use serde_json::value::{RawValue, to_raw_value};

use crate::counting::CountingMessageChannelAdapter;
use crate::domain::{AppBus, Pokemon, appeared, request, runtime};
use crate::measure::{Report, timed};

const PUSHES: u64 = 200_000;

/// Versions and payloads of the events, by aggregate.
type Events = HashMap<String, Vec<(u64, Box<RawValue>)>>;

/// Measures pushing to memory, compared with the minimum for a store with a version check: encoding and appending under
/// a lock.
pub(crate) fn run(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = runtime()?;
    let mut floor = || {
        #[derive(serde::Serialize)]
        struct Payload<'a> {
            name: &'a str,
            level: u32,
        }
        let events: RwLock<Events> = RwLock::default();
        Ok(timed(PUSHES, || {
            for version in 1..=PUSHES {
                let payload = Payload { name: "Pikachu, the electric mouse", level: version as u32 };
                let Ok(payload) = to_raw_value(&payload) else { continue };
                let Ok(mut events) = events.write() else { continue };
                let events = events.entry("pikachu1".to_owned()).or_default();
                if events.last().is_none_or(|(last, _)| *last < version) {
                    events.push((version, payload));
                }
            }
            events
        }))
    };

    report.case(
        "memory: push, one aggregate",
        ">= 2.2 M/s (2x best peer)",
        &mut || {
            let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
            Ok(timed(PUSHES, || {
                runtime.block_on(async {
                    for version in 1..=PUSHES {
                        let event = NewEvent::new("pikachu1", version, appeared(version as u32));
                        pokemons.push_event(event).await.map(drop).unwrap_or_default();
                    }
                });
                pokemons
            }))
        },
        "serde_json + HashMap under a lock",
        &mut floor,
    )?;

    report.case(
        "memory: push, an aggregate each",
        ">= 2.2 M/s (2x best peer)",
        &mut || {
            let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
            let ids: Vec<String> = (0..PUSHES).map(|n| format!("pikachu{n}")).collect();
            Ok(timed(PUSHES, || {
                runtime.block_on(async {
                    for id in ids {
                        pokemons.push_event(NewEvent::new(id, 1, appeared(5))).await.map(drop).unwrap_or_default();
                    }
                });
                pokemons
            }))
        },
        "serde_json + HashMap under a lock",
        &mut floor,
    )?;

    report.case(
        "memory: connected push (counting bus)",
        ">= 0.84 M/s (10x Castore)",
        &mut || {
            let (app_bus, counting) = (AppBus::new(), CountingMessageChannelAdapter::default());
            let published = counting.count();
            app_bus.set_adapter(counting);
            let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).connect(app_bus);
            let measured = timed(PUSHES, || {
                runtime.block_on(async {
                    for version in 1..=PUSHES {
                        let event = NewEvent::new("pikachu1", version, appeared(version as u32));
                        pokemons.push_event(event).await.map(drop).unwrap_or_default();
                    }
                });
            });
            assert_eq!(published.load(Ordering::Relaxed), PUSHES);
            Ok(measured)
        },
        "serde_json + HashMap under a lock",
        &mut floor,
    )?;

    let pushes = |context: EventContext| {
        let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
        timed(PUSHES, || {
            runtime.block_on(context.scope(async {
                for version in 1..=PUSHES {
                    let event = NewEvent::new("pikachu1", version, appeared(version as u32));
                    pokemons.push_event(event).await.map(drop).unwrap_or_default();
                }
            }));
            pokemons
        })
    };
    report.case(
        "memory: push, with a context",
        "",
        &mut || Ok(pushes(request())),
        "the same without a context",
        &mut || Ok(pushes(EventContext::new())),
    )
}
