//! The values that the parts of a program report.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use castore::command::{with_meter, with_retries};
use castore::consumer::{HandlerError, Listeners, RetryPolicy};
use castore::metrics::{
    Meter, MeteredEventStorageAdapter, MeteredMessageChannelAdapter, MetricsCollector, instruments,
};
use castore::prelude::*;
use castore::projection::{InMemoryProjection, InMemoryReadModels, ProjectionOptions, ReadModel};
use castore::service::Service;
use castore::snapshot::{InMemorySnapshotAdapter, Snapshots};
use castore_metrics::FacadeMeter;
use metrics::Unit;

use crate::recorder::TestRecorder;
use crate::{AppBus, Pokemon, PokemonEvent, Trainer, TrainerEvent};

const SOON: Duration = Duration::from_secs(600);

/// Waits until a condition is true, for at most 30 seconds of real time. The paused clock of tokio cannot be used here,
/// because the timestamps of events, and thus their ages, follow the clock of the operating system.
async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition().await {
        assert!(Instant::now() < deadline, "not in 30 seconds: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn meter() -> (TestRecorder, Arc<dyn Meter>) {
    let recorder = TestRecorder::default();
    (recorder.clone(), Arc::new(FacadeMeter::new(recorder)))
}

fn appeared(id: &str) -> NewEvent<Pokemon> {
    NewEvent::new(id.to_owned(), 1, PokemonEvent::Appeared { name: "Pikachu".to_owned(), level: 1 })
}

#[test]
fn every_instrument_is_described() {
    let (recorder, _meter) = meter();
    for instrument in instruments::ALL {
        let unit = if instrument.unit() == "s" { Unit::Seconds } else { Unit::Count };
        let (kind, described) = recorder.description(instrument.name()).unwrap();
        assert_eq!((kind, described), (instrument.kind().to_string().as_str(), Some(unit)), "{}", instrument.name());
    }
}

#[test]
fn global_meter_without_a_recorder_does_nothing() {
    FacadeMeter::global().count(&instruments::CONFLICTS, 1, &[]);
}

#[tokio::test]
async fn pushes_conflicts_and_reads_are_measured() {
    let (recorder, meter) = meter();
    let storage = MeteredEventStorageAdapter::new(InMemoryEventStorageAdapter::new(), meter);
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let trainers = EventStore::<Trainer>::new(storage);
    pokemons.push_event(appeared("a")).await.unwrap();
    pokemons.push_event(appeared("a")).await.unwrap_err();
    let started = NewEvent::new("t".to_owned(), 1, TrainerEvent::GameStarted { trainer_name: "Ash".to_owned() });
    push_event_group((pokemons.group_event(appeared("b")), trainers.group_event(started))).await.unwrap();
    pokemons.get_existing_aggregate("a").await.unwrap();

    let value = |series: &str| recorder.value(series).unwrap_or_else(|| panic!("{:#?}", recorder.values()));
    let pokemon = "castore.event_store.id=POKEMONS";
    assert_eq!(value(&format!("castore.event_store.pushed.events{{{pokemon}}}")), 2.0);
    assert_eq!(value("castore.event_store.pushed.events{castore.event_store.id=TRAINERS}"), 1.0);
    assert_eq!(value(&format!("castore.event_store.conflicts{{{pokemon}}}")), 1.0);
    assert_eq!(value(&format!("castore.event_store.push.duration{{{pokemon}}}")), 2.0);
    assert_eq!(value(&format!("castore.event_store.push.duration{{{pokemon},error.type=conflict}}")), 1.0);
    assert_eq!(value(&format!("castore.event_store.read.duration{{{pokemon}}}")), 1.0);
}

#[tokio::test(start_paused = true)]
async fn relay_and_failing_handler_are_measured() {
    let (recorder, meter) = meter();
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), AppBus::new());
    let retry_policy = RetryPolicy::immediately(1);
    let adapter = InMemoryMessageBusAdapter::<AppBus>::new().with_retry_policy(retry_policy);
    bus.set_adapter(MeteredMessageChannelAdapter::new(&bus, "in_memory", adapter.clone(), meter.clone()));
    let mails = Listeners::<AppBus>::new().on(Filter::store::<Pokemon>(), |message, _| async move {
        if message.event.aggregate_id == "bad" { Err(HandlerError::from("bad")) } else { Ok(()) }
    });
    adapter.listen(mails.metered("mails", meter.clone()));
    let pokemons = EventStore::<Pokemon>::new(storage.clone()).connect_via_relay(bus.clone());
    let relay = Relay::builder(bus).publish(&pokemons).start(storage, RelayStart::Beginning).await.unwrap();
    let mut collector = Service::new().with(&adapter).with(&relay).collector(meter);
    for id in ["a", "b", "bad"] {
        pokemons.push_event(appeared(id)).await.unwrap();
    }
    relay.wait_until_caught_up(SOON).await.unwrap();
    adapter.idle().await;
    collector.collect().await;
    // A second report without new occurrences must not increase the counters.
    collector.collect().await;

    let value = |series: &str| recorder.value(series).unwrap_or_else(|| panic!("{series}: {:#?}", recorder.values()));
    let (relay_name, channel) = ("castore.relay.name=APP_BUS", "messaging.destination.name=APP_BUS");
    for (series, expected) in [
        (format!("castore.relay.published{{{relay_name}}}"), 3.0),
        (format!("castore.relay.lag{{{relay_name}}}"), 0.0),
        (format!("castore.relay.lag.time{{{relay_name}}}"), 0.0),
        (format!("castore.relay.parked{{{relay_name}}}"), 0.0),
        (format!("castore.relay.leader{{{relay_name}}}"), 1.0),
        (format!("castore.relay.outage{{{relay_name}}}"), 0.0),
        (format!("castore.log.blocked.time{{{relay_name}}}"), 0.0),
        (format!("castore.consumer.handled{{{channel}}}"), 2.0),
        (format!("castore.consumer.failed_attempts{{{channel}}}"), 2.0),
        (format!("castore.consumer.retries{{{channel}}}"), 1.0),
        (format!("castore.consumer.dead_letters{{{channel}}}"), 1.0),
        (format!("castore.consumer.ignored{{{channel}}}"), 0.0),
        (format!("castore.consumer.running_handlers{{{channel}}}"), 0.0),
        (format!("castore.consumer.receiving{{{channel}}}"), 1.0),
        (format!("messaging.client.sent.messages{{messaging.system=in_memory,{channel}}}"), 3.0),
        (format!("messaging.process.duration{{{channel},messaging.consumer.group.name=mails}}"), 2.0),
        (format!("messaging.process.duration{{{channel},messaging.consumer.group.name=mails,error.type=retry}}"), 2.0),
    ] {
        assert_eq!(value(&series), expected, "{series}");
    }
    assert!(value(&format!("messaging.client.operation.duration{{messaging.system=in_memory,{channel}}}")) >= 1.0);
    relay.shutdown().await.unwrap();
    collector.collect().await;
    assert_eq!(value(&format!("castore.relay.leader{{{relay_name}}}")), 0.0);
}

#[tokio::test(start_paused = true)]
async fn lag_of_a_relay_grows_during_an_outage() {
    let (recorder, meter) = meter();
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), AppBus::new());
    let pokemons = EventStore::<Pokemon>::new(storage.clone()).connect_via_relay(bus.clone());
    let relay = Relay::builder(bus).publish(&pokemons).start(storage, RelayStart::Beginning).await.unwrap();
    let mut collector = MetricsCollector::new(meter).with(&relay);
    pokemons.push_event(appeared("a")).await.unwrap();
    // The channel has no adapter, so the relay reports an outage.
    relay.status_changes().wait_for(|status| status.outage.is_some()).await.unwrap();
    pokemons.push_event(appeared("b")).await.unwrap();
    let value = |name: &str| recorder.value(&format!("{name}{{castore.relay.name=APP_BUS}}")).unwrap();
    until("the first event has an age", async || {
        collector.collect().await;
        value("castore.relay.lag.time") > 0.0
    })
    .await;
    assert_eq!((value("castore.relay.lag"), value("castore.relay.outage")), (2.0, 1.0));
    relay.shutdown().await.unwrap();
    collector.collect().await;
    assert_eq!((value("castore.relay.lag"), value("castore.relay.leader")), (2.0, 0.0));
}

#[tokio::test(start_paused = true)]
async fn failed_publishing_is_measured() {
    let (recorder, meter) = meter();
    let bus = AppBus::new();
    let adapter = InMemoryMessageBusAdapter::<AppBus>::new();
    bus.set_adapter(MeteredMessageChannelAdapter::new(&bus, "in_memory", adapter.clone(), meter));
    adapter.shutdown().await;
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage).connect(bus);
    pokemons.push_event(appeared("a")).await.unwrap_err();
    let channel = "messaging.system=in_memory,messaging.destination.name=APP_BUS,error.type=shut_down";
    assert_eq!(recorder.value(&format!("messaging.client.sent.messages{{{channel}}}")), Some(1.0));
    assert_eq!(recorder.value(&format!("messaging.client.operation.duration{{{channel}}}")), Some(1.0));
    assert_eq!(recorder.values().len(), 2, "{:#?}", recorder.values());
}

/// A command that ends the first `conflicts` attempts with a version conflict.
#[command(id = "CATCH", retries = 2)]
async fn catch(conflicts: u32, attempts: &AtomicU32, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    let is_conflict = attempts.fetch_add(1, Ordering::Relaxed) < conflicts;
    let leveled_up = NewEvent::new("a".to_owned(), 2, PokemonEvent::LeveledUp);
    pokemons.push_event(if is_conflict { appeared("a") } else { leveled_up }).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn attempts_of_commands_are_measured() {
    let (recorder, meter) = meter();
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    pokemons.push_event(appeared("a")).await.unwrap();
    let value = |name: &str| recorder.value(&format!("{name}{{castore.command.id=CATCH}}"));
    let attempts = || (value("castore.command.attempts"), value("castore.command.exhausted"));

    catch(9, &AtomicU32::new(0), &pokemons).await.unwrap_err();
    assert_eq!(attempts(), (None, None), "a command without a meter is not counted");
    with_meter(meter.clone(), catch(1, &AtomicU32::new(0), &pokemons)).await.unwrap();
    assert_eq!(attempts(), (Some(2.0), Some(0.0)));
    with_meter(meter.clone(), catch(9, &AtomicU32::new(0), &pokemons)).await.unwrap_err();
    assert_eq!(attempts(), (Some(5.0), Some(1.0)));
    // The meter also counts commands behind other futures of the same task, with a number of retries of the caller.
    let nested = async { with_retries(0, catch(9, &AtomicU32::new(0), &pokemons)).await };
    with_meter(meter, nested).await.unwrap_err();
    assert_eq!(attempts(), (Some(6.0), Some(2.0)));
}

#[tokio::test]
async fn searches_for_snapshots_are_measured() {
    let (recorder, meter) = meter();
    let storage = InMemoryEventStorageAdapter::new();
    let cache = InMemorySnapshotAdapter::with_capacity(10);
    let snapshots = Snapshots::<Pokemon>::new(cache.clone()).metered(meter.clone());
    let pokemons = EventStore::<Pokemon>::new(storage.clone()).with_snapshots(snapshots);
    let value = |name: &str| recorder.value(&format!("{name}{{castore.event_store.id=POKEMONS}}"));
    let searches = || (value("castore.snapshot.hits"), value("castore.snapshot.misses"));

    pokemons.push_event(appeared("a")).await.unwrap();
    pokemons.get_existing_aggregate("a").without_events().await.unwrap();
    assert_eq!(searches(), (None, Some(1.0)));
    pokemons.get_existing_aggregate("a").without_events().await.unwrap();
    assert_eq!(searches(), (Some(1.0), Some(1.0)));
    // Another store rewrites the event, so the snapshot is not valid.
    let rewrites = EventStore::<Pokemon>::new(storage.clone());
    rewrites.push_event(appeared("a")).force(true).await.unwrap();
    pokemons.get_existing_aggregate("a").without_events().await.unwrap();
    assert_eq!(searches(), (Some(1.0), Some(2.0)));

    // The first store has no snapshot, the second one has.
    let empty = Snapshots::new(InMemorySnapshotAdapter::with_capacity(10)).metered(meter.clone());
    let full = Snapshots::new(cache).metered(meter);
    let pokemons = EventStore::<Pokemon>::new(storage).with_snapshots(empty).with_snapshots(full);
    pokemons.get_existing_aggregate("a").without_events().await.unwrap();
    assert_eq!(searches(), (Some(2.0), Some(3.0)));
}

struct Names;

impl ReadModel for Names {
    const NAME: &'static str = "names";
    const VERSION: u32 = 3;
    type Event = EventDetail<Pokemon>;
}

impl InMemoryProjection for Names {
    type Model = Vec<String>;

    fn apply(&self, names: &mut Vec<String>, event: &Self::Event) -> Result<(), HandlerError> {
        if event.aggregate_id == "bad" {
            return Err(HandlerError::from("bad"));
        }
        names.push(event.aggregate_id.clone());
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn projection_is_measured() {
    let (recorder, meter) = meter();
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let names =
        InMemoryReadModels::new().start(Names, storage.clone(), ProjectionOptions::default().attempts(1_000)).await;
    let names = names.unwrap();
    let mut collector = MetricsCollector::new(meter).with(&names);
    let pushed = pokemons.push_event(appeared("a")).await.unwrap();
    names.wait_for(pushed.position.unwrap(), SOON).await.unwrap();
    let value = |name: &str| {
        let series = format!("{name}{{castore.projection.name=names,castore.projection.version=3}}");
        recorder.value(&series).unwrap_or_else(|| panic!("{series}: {:#?}", recorder.values()))
    };
    // The position is reported before the projection detects that it has caught up.
    until("readers use the read model", async || {
        collector.collect().await;
        value("castore.projection.live") == 1.0
    })
    .await;
    assert_eq!(value("castore.projection.applied"), 1.0);
    assert_eq!(value("castore.projection.lag"), 0.0);
    assert_eq!(value("castore.projection.lag.time"), 0.0);
    assert_eq!(value("castore.projection.retrying"), 0.0);
    assert_eq!(value("castore.log.blocked.time"), 0.0);

    pokemons.push_event(appeared("bad")).await.unwrap();
    until("the failing event has an age", async || {
        collector.collect().await;
        value("castore.projection.retrying") == 1.0 && value("castore.projection.lag.time") > 0.0
    })
    .await;
    assert_eq!(value("castore.projection.applied"), 1.0);
    assert_eq!(value("castore.projection.lag"), 1.0);
    assert_eq!(value("castore.projection.parked"), 0.0);
}
