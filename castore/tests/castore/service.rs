//! Tests of `Service`, which supervises the relays, projections and consumers of a program.

use std::error::Error;
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use castore::prelude::*;
use castore::relay::RelayRole;
use castore::service::{BoxFuture, PartError, Service, ServiceError, ServicePart};
use tokio::sync::{Notify, oneshot};

use crate::messaging::counter::*;
use crate::support::Log;

/// A part of a service that logs when it is shut down or aborted.
#[derive(Clone)]
struct Part {
    name: &'static str,
    log: Log<String>,
    /// Makes the part end with an error.
    fails: Arc<Notify>,
    /// Whether a shutdown ends the part. Otherwise, the shutdown never returns.
    stops: bool,
    /// Whether the shutdown fails.
    refuses: bool,
}

impl Part {
    fn new(name: &'static str, log: &Log<String>) -> Self {
        Self { name, log: log.clone(), fails: Arc::default(), stops: true, refuses: false }
    }
}

impl ServicePart for Part {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async {
            self.fails.notified().await;
            Err(Arc::from(Box::<dyn Error + Send + Sync>::from("the queue is gone")))
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(async {
            self.log.add(format!("stop {}", self.name));
            if !self.stops {
                pending::<()>().await;
            }
            if self.refuses { Err(Arc::from(Box::<dyn Error + Send + Sync>::from("refused"))) } else { Ok(()) }
        })
    }

    fn abort(&self) {
        self.log.add(format!("abort {}", self.name));
    }
}

#[tokio::test(start_paused = true)]
async fn signal_stops_the_parts_in_reverse_order() {
    let log = Log::new();
    let (relay, worker) = (Part::new("relay", &log), Part::new("worker", &log));
    let service = Service::new().with(&relay).with(&worker);
    let stopping = tokio::spawn(service.stopping());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(service.run_until(async { drop(stopped.await) }));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!running.is_finished() && !stopping.is_finished() && log.entries().is_empty());
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    stopping.await.unwrap();
    assert_eq!(log.entries(), ["stop worker", "stop relay"]);
}

#[tokio::test(start_paused = true)]
async fn part_that_ends_stops_the_service_and_is_named() {
    let log = Log::new();
    let (relay, worker, mails) = (Part::new("relay", &log), Part::new("worker", &log), Part::new("mails", &log));
    let service = Service::new().with(&relay).with(&worker).with(&mails);
    let stopping = tokio::spawn(service.stopping());
    let running = tokio::spawn(service.run_until(pending()));
    tokio::task::yield_now().await;
    worker.fails.notify_one();
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the service stopped because worker ended");
    assert_eq!(error.source().unwrap().to_string(), "the queue is gone");
    stopping.await.unwrap();
    assert_eq!(log.entries(), ["stop mails", "stop worker", "stop relay"]);
}

#[tokio::test(start_paused = true)]
async fn every_part_is_stopped_after_an_error() {
    let log = Log::new();
    let service = Service::new()
        .with(&Part::new("relay", &log))
        .with(&Part { refuses: true, ..Part::new("worker", &log) })
        .with(&Part { refuses: true, ..Part::new("mails", &log) });
    let error = service.run_until(ready(())).await.unwrap_err();
    assert!(matches!(&error, ServiceError::Shutdown { part, .. } if part == "mails"), "{error:?}");
    assert_eq!(log.entries(), ["stop mails", "stop worker", "stop relay"]);
}

#[tokio::test(start_paused = true)]
async fn parts_that_take_too_long_are_aborted() {
    let log = Log::new();
    let service = Service::new()
        .with(&Part { stops: false, ..Part::new("relay", &log) })
        .with(&Part { stops: false, ..Part::new("worker", &log) })
        .with(&Part::new("mails", &log))
        .shutdown_within(Duration::from_secs(10));
    let start = tokio::time::Instant::now();
    let error = service.run_until(ready(())).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(error.to_string(), "the shutdown of the service took longer than 10s; aborted: worker, relay");
    assert_eq!(log.entries(), ["stop mails", "stop worker", "abort worker", "stop relay", "abort relay"]);
}

#[tokio::test]
async fn relays_and_adapters_are_parts() {
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), CounterBus::new());
    let (adapter, seen) = (InMemoryMessageBusAdapter::attach_to(&bus), Log::new());
    let log = seen.clone();
    adapter.on(Filter::store::<Counter>(), move |message, _| {
        log.add(message.event.version);
        async { Ok(()) }
    });
    let counters = EventStore::<Counter>::new(storage.clone()).connect_via_relay(bus.clone());
    let relay = Relay::builder(bus).publish(&counters).start(storage, RelayStart::Beginning).await.unwrap();
    let service = Service::new().with(&adapter).with(&relay);
    assert_eq!(
        format!("{service:?}"),
        r#"Service { parts: ["in-memory bus `COUNTER_BUS`", "relay `COUNTER_BUS`"], .. }"#
    );
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(service.run_until(async { drop(stopped.await) }));
    let pushed = counters.push_event(event("a", 1)).await.unwrap();
    relay.wait_for(pushed.position.unwrap(), Duration::from_secs(30)).await.unwrap();
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(seen.entries(), [1]);
    relay.finished().await.unwrap();
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn part_that_was_shut_down_elsewhere_does_not_stop_the_service() {
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), CounterBus::new());
    let _adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let counters = EventStore::<Counter>::new(storage.clone());
    let relay = Relay::builder(bus).publish(&counters).start(storage, RelayStart::Beginning).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(Service::new().with(&relay).run_until(async { drop(stopped.await) }));
    relay.shutdown().await.unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!running.is_finished());
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn last_handle_of_a_relay_keeps_it_running() {
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), CounterBus::new());
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    let counters = EventStore::<Counter>::new(storage.clone()).connect_via_relay(bus.clone());
    let relay = Relay::builder(bus).publish(&counters).start(storage, RelayStart::Beginning).await.unwrap();
    let clone = relay.clone();
    drop(relay);
    let pushed = counters.push_event(event("a", 1)).await.unwrap();
    clone.wait_for(pushed.position.unwrap(), Duration::from_secs(30)).await.unwrap();
    let mut status = clone.status_changes();
    drop(clone);
    status.wait_for(|status| status.role == RelayRole::Stopped).await.unwrap();
    adapter.shutdown().await;
}
