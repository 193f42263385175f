use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

use super::measurement::{Measurement, Value};
use super::{Instrument, Meter};
use crate::future::join_all;
use crate::service::ServicePart;

/// The time limit for the measurements of one part. Some parts read from a database.
const LIMIT: Duration = Duration::from_secs(5);

/// A collector that reads the measurements of relays, projections and consumers, and reports them to a meter.
///
/// Call [`collect`](Self::collect) when metrics are scraped, or run [`collect_every`](Self::collect_every) concurrently
/// with the service. If two parts report a gauge with the same attributes, for example two listeners of one bus, the
/// reported value is the sum of both.
///
/// ```
/// # use std::sync::Arc;
/// # use std::time::Duration;
/// # use castore_core as castore;
/// use castore::metrics::Meter;
/// use castore::service::{Service, ServiceError};
///
/// # async fn example(service: Service, meter: Arc<dyn Meter>, signal: impl Future<Output = ()>) -> Result<(), ServiceError> {
/// let collector = service.collector(meter);
/// tokio::select! {
///     stopped = service.run_until(signal) => stopped,
///     never = collector.collect_every(Duration::from_secs(10)) => match never {},
/// }
/// # }
/// ```
#[must_use = "nothing is measured before `collect` or `collect_every` is called"]
pub struct MetricsCollector {
    meter: Arc<dyn Meter>,
    parts: Vec<Part>,
}

struct Part {
    part: Arc<dyn ServicePart>,
    /// The totals at the time of the last report. The meter receives only the increments, because several parts may
    /// share a counter.
    reported: BTreeMap<Series, u64>,
}

/// The instrument and the attributes of a time series.
type Series = (&'static str, Vec<(&'static str, String)>);

impl MetricsCollector {
    /// Creates a collector without parts. [`Service::collector`](crate::service::Service::collector) creates a
    /// collector for all parts of a service.
    pub fn new(meter: Arc<dyn Meter>) -> Self {
        Self { meter, parts: Vec::new() }
    }

    /// Adds a part. The collector keeps a clone of the handle, so the part continues to run after the caller has
    /// dropped its handles.
    pub fn with<P: ServicePart + Clone>(self, part: &P) -> Self {
        self.with_shared(Arc::new(part.clone()))
    }

    pub(crate) fn with_shared(mut self, part: Arc<dyn ServicePart>) -> Self {
        self.parts.push(Part { part, reported: BTreeMap::new() });
        self
    }

    /// Takes the measurements of all parts and reports them. A part that does not respond within 5 seconds, for example
    /// because its database is unavailable, is skipped. Its counters lose nothing: the next call reports everything
    /// that was counted in the meantime.
    ///
    /// # Cancellation
    /// If the future is dropped, nothing is reported. The next call reports everything that was counted in the
    /// meantime.
    pub async fn collect(&mut self) {
        let measure = |part: &Part| {
            let part = part.part.clone();
            Box::pin(async move { timeout(LIMIT, part.measure()).await.unwrap_or_default() }) as _
        };
        let measured = join_all(self.parts.iter().map(measure).collect()).await;
        let mut gauges: BTreeMap<Series, (&'static Instrument, f64)> = BTreeMap::new();
        for (part, measurements) in self.parts.iter_mut().zip(measured) {
            for Measurement { instrument, value, attributes } in measurements {
                match value {
                    Value::Gauge(value) => {
                        gauges.entry((instrument.name(), attributes)).or_insert((instrument, 0.0)).1 += value;
                    }
                    Value::Total(total) => {
                        let borrowed: Vec<_> = attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
                        let key = (instrument.name(), attributes.clone());
                        let before = part.reported.insert(key, total);
                        let added = total.saturating_sub(before.unwrap_or(0));
                        if added > 0 || before.is_none() {
                            self.meter.count(instrument, added, &borrowed);
                        }
                    }
                }
            }
        }
        for ((_, attributes), (instrument, value)) in gauges {
            let attributes: Vec<_> = attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.meter.gauge(instrument, value, &attributes);
        }
    }

    /// Calls [`collect`](Self::collect) immediately and then once per `period`, and never returns. A period shorter
    /// than 1 millisecond counts as 1 millisecond.
    ///
    /// # Cancellation
    /// The collection ends when the future is dropped.
    pub async fn collect_every(mut self, period: Duration) -> Infallible {
        let mut ticks = interval(period.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.collect().await;
        }
    }
}

impl fmt::Debug for MetricsCollector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.parts.iter().map(|part| part.part.name()).collect();
        formatter.debug_struct("MetricsCollector").field("parts", &names).finish_non_exhaustive()
    }
}
