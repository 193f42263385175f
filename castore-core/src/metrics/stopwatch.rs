use std::sync::Arc;
use std::time::Instant;

use super::instruments::ERROR_TYPE;
use super::{Attribute, Instrument, Meter};

/// A measurement of the duration of a call. The duration is also recorded if the future of the call panics or is
/// dropped early, because calls that reach a timeout matter most.
pub(super) struct Stopwatch<'a> {
    meter: &'a Arc<dyn Meter>,
    instrument: &'static Instrument,
    attributes: Vec<Attribute<'a>>,
    begin: Instant,
    is_recorded: bool,
}

impl<'a> Stopwatch<'a> {
    pub(super) fn start(
        meter: &'a Arc<dyn Meter>,
        instrument: &'static Instrument,
        attributes: Vec<Attribute<'a>>,
    ) -> Self {
        Self { meter, instrument, attributes, begin: Instant::now(), is_recorded: false }
    }

    /// Records the duration. `error` is the value of the attribute `error.type`, or `None` after a success.
    pub(super) fn stop(mut self, error: Option<&'static str>) {
        self.record(error);
    }

    fn record(&mut self, error: Option<&'static str>) {
        self.is_recorded = true;
        self.attributes.extend(error.map(|error| (ERROR_TYPE, error)));
        self.meter.record(self.instrument, self.begin.elapsed().as_secs_f64(), &self.attributes);
    }
}

impl Drop for Stopwatch<'_> {
    fn drop(&mut self) {
        if !self.is_recorded {
            self.record(Some(if std::thread::panicking() { "panic" } else { "dropped" }));
        }
    }
}
