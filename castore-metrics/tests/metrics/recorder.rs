//! A recorder that provides the received values to tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

#[derive(Debug, Clone, Default)]
pub struct TestRecorder {
    /// The value of each series, such as `castore.relay.lag{castore.relay.name=APP_BUS}`. For a histogram, the value is
    /// the number of recorded values.
    series: Arc<Mutex<BTreeMap<String, Arc<Value>>>>,
    descriptions: Arc<Mutex<BTreeMap<String, Description>>>,
}

/// The kind and the unit of an instrument.
type Description = (&'static str, Option<Unit>);

/// A value, as the bits of an `f64`.
#[derive(Debug, Default)]
struct Value(AtomicU64);

impl Value {
    fn add(&self, value: f64) {
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |bits| Some((f64::from_bits(bits) + value).to_bits()))
            .unwrap();
    }
}

impl CounterFn for Value {
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }

    fn absolute(&self, _: u64) {
        panic!("counters are shared, so only increments add up");
    }
}

impl GaugeFn for Value {
    fn increment(&self, _: f64) {
        panic!("gauges are set");
    }

    fn decrement(&self, _: f64) {
        panic!("gauges are set");
    }

    fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::SeqCst);
    }
}

impl HistogramFn for Value {
    fn record(&self, seconds: f64) {
        assert!((0.0..3600.0).contains(&seconds), "{seconds}");
        self.add(1.0);
    }
}

impl TestRecorder {
    /// Returns the value of a series, or `None` if there is no such series.
    pub fn value(&self, series: &str) -> Option<f64> {
        self.series.lock().unwrap().get(series).map(|value| f64::from_bits(value.0.load(Ordering::SeqCst)))
    }

    /// Returns the names of all series, and their values.
    pub fn values(&self) -> BTreeMap<String, f64> {
        let names: Vec<_> = self.series.lock().unwrap().keys().cloned().collect();
        names.into_iter().map(|name| (name.clone(), self.value(&name).unwrap())).collect()
    }

    /// Returns the kind and the unit with which an instrument was described.
    pub fn description(&self, name: &str) -> Option<Description> {
        self.descriptions.lock().unwrap().get(name).copied()
    }

    fn series(&self, key: &Key) -> Arc<Value> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        self.series.lock().unwrap().entry(name).or_default().clone()
    }

    fn describe(&self, name: KeyName, kind: &'static str, unit: Option<Unit>) {
        self.descriptions.lock().unwrap().insert(name.as_str().to_owned(), (kind, unit));
    }
}

impl Recorder for TestRecorder {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(name, "counter", unit);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(name, "gauge", unit);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(name, "histogram", unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.series(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.series(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.series(key))
    }
}
