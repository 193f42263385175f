use castore::prelude::*;
use castore::snapshot::{InMemorySnapshotAdapter, Snapshots};

use crate::domain::{Pokemon, PokemonEvent, appeared, runtime};
use crate::measure::{Report, timed};

/// Measures long event streams: with snapshots, compared with short streams or without snapshots.
pub(crate) fn run(report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = runtime()?;
    let cached = || {
        EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new())
            .with_snapshots(Snapshots::new(InMemorySnapshotAdapter::with_capacity(1_000)))
    };

    let long = cached();
    let short = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    runtime.block_on(async {
        fill(&long, "pikachu1", 100_000).await?;
        fill(&short, "pikachu1", 100).await
    })?;
    let load = |pokemons: &EventStore<Pokemon>| {
        const LOADS: u64 = 20_000;
        timed(LOADS, || {
            runtime.block_on(async {
                for _ in 0..LOADS {
                    assert!(pokemons.get_aggregate("pikachu1").without_events().await.is_ok());
                }
            });
        })
    };
    report.case(
        "snapshots: load 100 000 events, in memory",
        ">= 0.5 (within 2x)",
        &mut || Ok(load(&long)),
        "100 events, without snapshot",
        &mut || Ok(load(&short)),
    )?;

    // Each operation is a command: load, decide, push. Histories grow to 1,000 events.
    const HISTORIES: u64 = 50;
    const EVENTS: u64 = 1_000;
    let commands = |pokemons: EventStore<Pokemon>, histories: u64| {
        timed(histories * EVENTS, || {
            runtime.block_on(async {
                for history in 0..histories {
                    let id = format!("pikachu{history}");
                    pokemons.push_event(NewEvent::new(&id, 1, appeared(5))).await?;
                    for _ in 1..EVENTS {
                        let pokemon = pokemons.get_existing_aggregate(&id).without_events().await?;
                        assert!(pokemon.level >= 5);
                        let event = NewEvent::new(&id, pokemon.version + 1, PokemonEvent::LeveledUp);
                        pokemons.push_event(event).await?;
                    }
                }
                Ok::<_, Box<dyn std::error::Error>>(())
            })
        })
    };
    report.case(
        "snapshots: load + decide + push to 1 000 events",
        ">= 200 k/s",
        &mut || Ok(commands(cached(), HISTORIES)),
        "replaying everything each time",
        &mut || Ok(commands(EventStore::new(InMemoryEventStorageAdapter::new()), 4)),
    )
}

async fn fill(pokemons: &EventStore<Pokemon>, id: &str, events: u64) -> Result<(), PushEventError> {
    pokemons.push_event(NewEvent::new(id, 1, appeared(5))).await?;
    for version in 2..=events {
        pokemons.push_event(NewEvent::new(id, version, PokemonEvent::LeveledUp)).await?;
    }
    Ok(())
}
