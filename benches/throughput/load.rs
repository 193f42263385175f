use castore::prelude::*;
use serde::Deserialize;

use crate::domain::{Pokemon, PokemonEvent, appeared, runtime};
use crate::measure::{Report, timed};

/// The same events as a handwritten, adjacently tagged serde enum.
#[derive(Deserialize)]
#[serde(tag = "type", content = "payload", rename_all = "SCREAMING_SNAKE_CASE")]
enum ByHand {
    Appeared {
        #[allow(dead_code)]
        name: String,
        level: u32,
    },
    LeveledUp,
}

/// Measures loading aggregates from memory, compared with decoding the same JSON with a handwritten enum.
pub(crate) fn run(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = runtime()?;
    for (events, loads, target) in
        [(100, 20_000, ">= 376 k/s (2x best peer)"), (10_000, 200, ">= 4.0 k/s (2x best peer)")]
    {
        let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
        let mut lines = Vec::new();
        runtime.block_on(async {
            for version in 1..=events {
                let (payload, line) = if version == 1 || version % 10 == 0 {
                    (appeared(5), r#"{"type":"APPEARED","payload":{"name":"Pikachu, the electric mouse","level":5}}"#)
                } else {
                    (PokemonEvent::LeveledUp, r#"{"type":"LEVELED_UP"}"#)
                };
                pokemons.push_event(NewEvent::new("pikachu1", version, payload)).await?;
                lines.push(line);
            }
            Ok::<_, PushEventError>(())
        })?;

        let mut floor = || {
            Ok(timed(loads, || {
                (0..loads)
                    .map(|_| {
                        lines.iter().fold(0, |level, line| match serde_json::from_str(line) {
                            Ok(ByHand::Appeared { level, .. }) => level,
                            Ok(ByHand::LeveledUp) => level + 1,
                            Err(_) => level,
                        })
                    })
                    .max()
            }))
        };

        report.case(
            &format!("load: {events} events in memory, state only"),
            target,
            &mut || {
                Ok(timed(loads, || {
                    runtime.block_on(async {
                        for _ in 0..loads {
                            assert!(pokemons.get_aggregate("pikachu1").without_events().await.is_ok());
                        }
                    });
                }))
            },
            "serde_json from text",
            &mut floor,
        )?;
        report.case(
            &format!("load: {events} events in memory, with events"),
            "",
            &mut || {
                Ok(timed(loads, || {
                    runtime.block_on(async {
                        for _ in 0..loads {
                            assert!(pokemons.get_aggregate("pikachu1").await.is_ok());
                        }
                    });
                }))
            },
            "serde_json from text",
            &mut floor,
        )?;
    }
    Ok(())
}
