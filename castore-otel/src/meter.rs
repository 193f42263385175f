use std::collections::HashMap;
use std::fmt;

use castore_core::metrics::{Attribute, DURATION_BUCKETS, Instrument, InstrumentKind, Meter, instruments};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram};

/// A meter that passes measurements to a meter of OpenTelemetry.
///
/// ```
/// use std::sync::Arc;
///
/// use castore::metrics::{Meter, MeteredEventStorageAdapter};
/// use castore::prelude::*;
/// use castore_otel::OpenTelemetryMeter;
/// use opentelemetry::metrics::MeterProvider as _;
/// use opentelemetry_sdk::metrics::SdkMeterProvider;
///
/// let provider = SdkMeterProvider::builder().build(); // usually with an exporter
/// let meter: Arc<dyn Meter> = Arc::new(OpenTelemetryMeter::new(&provider.meter("shop")));
/// let storage = MeteredEventStorageAdapter::new(InMemoryEventStorageAdapter::new(), meter);
/// # let _ = storage;
/// ```
///
/// All instruments are created at once. The guide of castore, *Metrics and health*, lists them.
pub struct OpenTelemetryMeter {
    counters: HashMap<&'static str, Counter<u64>>,
    histograms: HashMap<&'static str, Histogram<f64>>,
    gauges: HashMap<&'static str, Gauge<f64>>,
}

impl OpenTelemetryMeter {
    /// Creates the instruments of castore with a meter of OpenTelemetry.
    pub fn new(meter: &opentelemetry::metrics::Meter) -> Self {
        let (mut counters, mut histograms, mut gauges) = (HashMap::new(), HashMap::new(), HashMap::new());
        for instrument in instruments::ALL {
            let (name, unit, description) = (instrument.name(), instrument.unit(), instrument.description());
            match instrument.kind() {
                InstrumentKind::Counter => {
                    let counter = meter.u64_counter(name).with_unit(unit).with_description(description).build();
                    counters.insert(name, counter);
                }
                InstrumentKind::Histogram => {
                    let histogram = meter.f64_histogram(name).with_unit(unit).with_description(description);
                    histograms.insert(name, histogram.with_boundaries(DURATION_BUCKETS.to_vec()).build());
                }
                _ => {
                    let gauge = meter.f64_gauge(name).with_unit(unit).with_description(description).build();
                    gauges.insert(name, gauge);
                }
            }
        }
        Self { counters, histograms, gauges }
    }
}

impl Meter for OpenTelemetryMeter {
    fn count(&self, instrument: &'static Instrument, value: u64, attributes: &[Attribute<'_>]) {
        if let Some(counter) = self.counters.get(instrument.name()) {
            counter.add(value, &key_values(attributes));
        }
    }

    fn record(&self, instrument: &'static Instrument, value: f64, attributes: &[Attribute<'_>]) {
        if let Some(histogram) = self.histograms.get(instrument.name()) {
            histogram.record(value, &key_values(attributes));
        }
    }

    fn gauge(&self, instrument: &'static Instrument, value: f64, attributes: &[Attribute<'_>]) {
        if let Some(gauge) = self.gauges.get(instrument.name()) {
            gauge.record(value, &key_values(attributes));
        }
    }
}

fn key_values(attributes: &[Attribute<'_>]) -> Vec<KeyValue> {
    attributes.iter().map(|(name, value)| KeyValue::new(*name, (*value).to_owned())).collect()
}

impl fmt::Debug for OpenTelemetryMeter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OpenTelemetryMeter").finish_non_exhaustive()
    }
}
