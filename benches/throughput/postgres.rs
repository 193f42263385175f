use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use castore::postgres::tokio_postgres::{self, NoTls};
use castore::prelude::*;
use castore::push_event_group;
use serde::Deserialize;
use tokio::runtime::Runtime;

use crate::counting::CountingMessageChannelAdapter;
use crate::domain::{AppQueue, Pokemon, PokemonEvent, appeared, runtime};
use crate::measure::{Report, timed};

pub(crate) type Failure = Box<dyn std::error::Error>;

const PAYLOAD: &str = r#"{"name":"Pikachu, the electric mouse","level":5}"#;

/// Measures Postgres, compared with tokio-postgres on the same table. `CASTORE_TEST_DATABASE_URL` is the address of the
/// server, which should have `fsync` enabled for meaningful figures.
pub(crate) fn run(report: &mut Report) -> Result<(), Failure> {
    let Ok(url) = std::env::var("CASTORE_TEST_DATABASE_URL") else {
        println!("postgres: not measured; set CASTORE_TEST_DATABASE_URL");
        return Ok(());
    };
    let runtime = runtime()?;
    let bench = runtime.block_on(Bench::new(&url))?;
    let measured = bench.measure(&runtime, report);
    runtime.block_on(bench.raw.batch_execute("DROP SCHEMA castore_bench CASCADE"))?;
    measured
}

pub(crate) struct Bench {
    storage: PostgresEventStorageAdapter,
    pub(crate) pokemons: EventStore<Pokemon>,
    /// A connection without a pool, for the baseline.
    raw: Arc<tokio_postgres::Client>,
    /// The number of aggregates that were created so far. Each run uses new aggregates.
    aggregates: AtomicU64,
}

impl Bench {
    async fn new(url: &str) -> Result<Self, Failure> {
        let (raw, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        raw.batch_execute("DROP SCHEMA IF EXISTS castore_bench CASCADE; CREATE SCHEMA castore_bench").await?;
        // The column has the type of the original package's tables, because the raw statements are written for this
        // type.
        let builder =
            PostgresEventStorageAdapter::builder().aggregate_id_column(castore::postgres::AggregateIdColumn::Uuid);
        let storage = builder.schema("castore_bench").pool_size(16).connect(url).await?;
        storage.create_event_table().await?;
        let pokemons = EventStore::new(storage.clone());
        Ok(Self { storage, pokemons, raw: Arc::new(raw), aggregates: AtomicU64::new(0) })
    }

    fn id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.aggregates.fetch_add(1, Ordering::Relaxed))
    }

    fn measure(&self, runtime: &Runtime, report: &mut Report) -> Result<(), Failure> {
        const PUSHES: u64 = 1_000;
        report.case(
            "postgres: push, 1 at a time",
            ">= 0.85",
            &mut || self.pushes(&self.pokemons, runtime, 1, PUSHES),
            "tokio-postgres, prepared insert",
            &mut || self.raw_inserts(runtime, PUSHES),
        )?;
        report.case(
            "postgres: push, 16 at a time",
            "",
            &mut || self.pushes(&self.pokemons, runtime, 16, PUSHES * 4),
            "tokio-postgres, prepared insert, 1 at a time",
            &mut || self.raw_inserts(runtime, PUSHES),
        )?;
        const GROUPS: u64 = 100;
        report.case(
            "postgres: events in groups of 100",
            "",
            &mut || self.groups(runtime, GROUPS),
            "tokio-postgres, unnest of 100",
            &mut || self.raw_groups(runtime, GROUPS),
        )?;
        #[cfg(feature = "sqlx")]
        crate::postgres_sqlx::measure(self, runtime, report)?;
        self.loads(runtime, report)?;
        self.relay(runtime, report)
    }

    /// Measures pushes of concurrent writers. Each writer pushes to a separate aggregate, one event after the other.
    pub(crate) fn pushes(
        &self,
        pokemons: &EventStore<Pokemon>,
        runtime: &Runtime,
        writers: u64,
        pushes: u64,
    ) -> Result<(u64, Duration), Failure> {
        let measured = timed(pushes, || {
            runtime.block_on(async {
                let tasks: Vec<_> = (0..writers)
                    .map(|_| {
                        let (pokemons, id) = (pokemons.clone(), self.id());
                        tokio::spawn(async move {
                            for version in 1..=pushes / writers {
                                pokemons.push_event(NewEvent::new(&id, version, appeared(5))).await?;
                            }
                            Ok::<_, PushEventError>(())
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await.map_err(Failure::from)??;
                }
                Ok::<_, Failure>(())
            })
        });
        Ok(measured)
    }

    fn raw_inserts(&self, runtime: &Runtime, pushes: u64) -> Result<(u64, Duration), Failure> {
        let id = self.id();
        let insert = runtime.block_on(self.raw.prepare(
            "INSERT INTO castore_bench.event (aggregate_name, aggregate_id, version, type, data, timestamp)
             VALUES ('POKEMONS', $1::text::uuid, $2, 'APPEARED', $3::text::jsonb, now()) RETURNING id",
        ))?;
        let mut outcome = Ok(());
        let measured = timed(pushes, || {
            outcome = runtime.block_on(async {
                for version in 1..=pushes as i64 {
                    self.raw.query_one(&insert, &[&id, &version, &PAYLOAD]).await?;
                }
                Ok::<_, tokio_postgres::Error>(())
            });
        });
        outcome?;
        Ok(measured)
    }

    fn groups(&self, runtime: &Runtime, groups: u64) -> Result<(u64, Duration), Failure> {
        let id = self.id();
        let mut outcome = Ok(());
        let measured = timed(groups * 100, || {
            outcome = runtime.block_on(async {
                for group in 0..groups {
                    let events = (1..=100).map(|at| NewEvent::new(&id, group * 100 + at, appeared(5)));
                    push_event_group(events.map(|event| self.pokemons.group_event(event)).collect::<Vec<_>>()).await?;
                }
                Ok::<_, PushEventError>(())
            });
        });
        outcome?;
        Ok(measured)
    }

    fn raw_groups(&self, runtime: &Runtime, groups: u64) -> Result<(u64, Duration), Failure> {
        let id = self.id();
        let insert = runtime.block_on(self.raw.prepare(
            "INSERT INTO castore_bench.event (aggregate_name, aggregate_id, version, type, data, timestamp)
             SELECT 'POKEMONS', $1::text::uuid, version, 'APPEARED', data::jsonb, now()
             FROM unnest($2::int8[], $3::text[]) AS pushed (version, data) RETURNING id",
        ))?;
        let mut outcome = Ok(());
        let measured = timed(groups * 100, || {
            outcome = runtime.block_on(async {
                for group in 0..groups as i64 {
                    let versions: Vec<i64> = (1..=100).map(|at| group * 100 + at).collect();
                    let payloads = vec![PAYLOAD; 100];
                    self.raw.query(&insert, &[&id, &versions, &payloads]).await?;
                }
                Ok::<_, tokio_postgres::Error>(())
            });
        });
        outcome?;
        Ok(measured)
    }

    fn loads(&self, runtime: &Runtime, report: &mut Report) -> Result<(), Failure> {
        /// The events as handwritten code would read them.
        #[derive(Deserialize)]
        struct Appeared {
            #[allow(dead_code)]
            name: String,
            level: u32,
        }
        const LOADS: u64 = 20;
        let id = self.id();
        runtime.block_on(async {
            for from in (0..10_000).step_by(1_000) {
                let events = (1..=1_000).map(|at| {
                    let version = from + at;
                    let every_tenth = version == 1 || version % 10 == 0;
                    let payload = if every_tenth { appeared(5) } else { PokemonEvent::LeveledUp };
                    self.pokemons.group_event(NewEvent::new(&id, version, payload))
                });
                push_event_group(events.collect::<Vec<_>>()).await?;
            }
            Ok::<_, PushEventError>(())
        })?;
        let select = runtime.block_on(self.raw.prepare(
            "SELECT version, type, data::text FROM castore_bench.event
             WHERE aggregate_name = 'POKEMONS' AND aggregate_id = $1::text::uuid ORDER BY version",
        ))?;
        report.case(
            "postgres: load 10 000 events",
            ">= 0.9",
            &mut || {
                Ok(timed(LOADS, || {
                    runtime.block_on(async {
                        for _ in 0..LOADS {
                            assert!(self.pokemons.get_aggregate(&id).without_events().await.is_ok());
                        }
                    });
                }))
            },
            "select + serde_json",
            &mut || {
                let mut outcome = Ok(0);
                let measured = timed(LOADS, || {
                    outcome = runtime.block_on(async {
                        let mut level = 0;
                        for _ in 0..LOADS {
                            for row in self.raw.query(&select, &[&id]).await? {
                                level = match row.get::<_, &str>(1) {
                                    "APPEARED" => serde_json::from_str::<Appeared>(row.get(2))?.level,
                                    _ => level + 1,
                                };
                            }
                        }
                        Ok::<_, Failure>(level)
                    });
                });
                outcome?;
                Ok(measured)
            },
        )
    }

    /// Measures a relay that publishes all events on a channel that ignores them.
    fn relay(&self, runtime: &Runtime, report: &mut Report) -> Result<(), Failure> {
        let end = runtime.block_on(castore::log::EventLog::end(&self.storage))?.safe_position;
        let events: i64 = runtime.block_on(self.raw.query_one("SELECT count(*) FROM castore_bench.event", &[]))?.get(0);
        let mut runs = 0;
        report.case(
            &format!("postgres: relay of {events} events, no-op channel"),
            ">= 100 k/s",
            &mut || {
                runs += 1;
                let (queue, counting) = (AppQueue::new(), CountingMessageChannelAdapter::default());
                let published = counting.count();
                queue.set_adapter(counting);
                let mut outcome = Ok(());
                let measured = timed(events as u64, || {
                    outcome = runtime.block_on(async {
                        let relay = Relay::builder(queue)
                            .name(format!("bench {runs}"))
                            .publish(&self.pokemons)
                            .start(self.storage.clone(), RelayStart::Beginning)
                            .await?;
                        relay.wait_for(end, Duration::from_secs(120)).await?;
                        relay.shutdown().await?;
                        Ok::<_, Failure>(())
                    });
                });
                outcome?;
                assert_eq!(published.load(Ordering::Relaxed), events as u64);
                Ok(measured)
            },
            "select of 500 at a time",
            &mut || self.raw_scan(runtime, events as u64),
        )
    }

    fn raw_scan(&self, runtime: &Runtime, events: u64) -> Result<(u64, Duration), Failure> {
        let select = runtime.block_on(self.raw.prepare(
            "SELECT id, aggregate_name, aggregate_id::text, version, type, timestamp::text, data::text, metadata::text
             FROM castore_bench.event WHERE id > $1 ORDER BY id LIMIT 500",
        ))?;
        let mut outcome = Ok(());
        let measured = timed(events, || {
            outcome = runtime.block_on(async {
                let mut position = 0_i64;
                loop {
                    let rows = self.raw.query(&select, &[&position]).await?;
                    let Some(last) = rows.last() else { return Ok::<_, tokio_postgres::Error>(()) };
                    position = last.get(0);
                    std::hint::black_box(rows);
                }
            });
        });
        outcome?;
        Ok(measured)
    }
}
