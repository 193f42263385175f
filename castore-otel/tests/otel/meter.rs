//! Metrics of a store, a relay and a consumer in OpenTelemetry.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use castore::command::with_meter;
use castore::metrics::{MeteredEventStorageAdapter, MetricsCollector, instruments};
use castore::prelude::*;
use castore::service::Service;
use castore::snapshot::{InMemorySnapshotAdapter, Snapshots};
use castore_otel::OpenTelemetryMeter;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};

use crate::trace::{Order, OrderBus, OrderEvent};

/// Returns the sum, the last value or the count of each metric, over all attributes.
fn values(exporter: &InMemoryMetricExporter) -> BTreeMap<String, f64> {
    let exported = exporter.get_finished_metrics().unwrap();
    let metrics = exported.iter().flat_map(|exported| exported.scope_metrics()).flat_map(|scope| scope.metrics());
    let values = metrics.map(|metric| {
        let value = match metric.data() {
            AggregatedMetrics::U64(MetricData::Sum(sum)) => sum.data_points().map(|point| point.value() as f64).sum(),
            AggregatedMetrics::F64(MetricData::Gauge(gauge)) => gauge.data_points().map(|point| point.value()).sum(),
            AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                histogram.data_points().map(|point| point.count() as f64).sum()
            }
            other => panic!("{other:?}"),
        };
        (metric.name().to_owned(), value)
    });
    values.collect()
}

/// A command whose event has a taken version in every attempt.
#[command(id = "PLACE_AGAIN", retries = 1)]
async fn place_again(orders: &impl Store<Order>) -> Result<(), PushEventError> {
    orders.push_event(NewEvent::new("o", 1, OrderEvent::Placed { cents: 1 })).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instruments_are_those_of_castore() {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder().with_reader(PeriodicReader::builder(exporter.clone()).build()).build();
    let meter = Arc::new(OpenTelemetryMeter::new(&provider.meter("shop")));

    let storage = InMemoryEventStorageAdapter::new();
    let bus = OrderBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    listener.on(Filter::store::<Order>(), |_, _| async { Ok(()) });
    let snapshots = Snapshots::new(InMemorySnapshotAdapter::with_capacity(10)).metered(meter.clone());
    let metered = MeteredEventStorageAdapter::new(storage.clone(), meter.clone());
    let orders = EventStore::<Order>::new(metered).with_snapshots(snapshots).connect_via_relay(bus.clone());
    let relay = Relay::builder(bus).publish(&orders).start(storage, RelayStart::Beginning).await.unwrap();
    for version in 1..=3 {
        orders.push_event(NewEvent::new("o", version, OrderEvent::Placed { cents: 1 })).await.unwrap();
    }
    with_meter(meter.clone(), place_again(&orders)).await.unwrap_err();
    for _ in 0..2 {
        orders.get_existing_aggregate("o").without_events().await.unwrap();
    }
    relay.wait_until_caught_up(Duration::from_secs(30)).await.unwrap();
    listener.idle().await;
    let mut collector: MetricsCollector = Service::new().with(&listener).with(&relay).collector(meter);
    collector.collect().await;
    provider.force_flush().unwrap();

    let values = values(&exporter);
    for (name, expected) in [
        ("castore.event_store.pushed.events", 3.0),
        ("castore.event_store.conflicts", 2.0),
        ("castore.event_store.push.duration", 5.0),
        ("castore.command.attempts", 2.0),
        ("castore.command.exhausted", 1.0),
        ("castore.snapshot.hits", 1.0),
        ("castore.snapshot.misses", 1.0),
        ("castore.log.blocked.time", 0.0),
        ("castore.relay.published", 3.0),
        ("castore.relay.lag", 0.0),
    ] {
        assert_eq!(values.get(name), Some(&expected), "{name} in {values:#?}");
    }
    let known: Vec<_> = instruments::ALL.iter().map(|instrument| instrument.name()).collect();
    assert!(values.keys().all(|name| known.contains(&&**name)), "{values:#?}");
    relay.shutdown().await.unwrap();
    listener.shutdown().await;
}
