use super::Instrument;

/// A value that a part of a service reports about itself. See
/// [`ServicePart::measure`](crate::service::ServicePart::measure).
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a measurement must be returned to the collector"]
pub struct Measurement {
    pub(super) instrument: &'static Instrument,
    pub(super) value: Value,
    pub(super) attributes: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    /// The total of a counter since the part was started.
    Total(u64),
    Gauge(f64),
}

impl Measurement {
    /// Creates a measurement of a counter. `total` is the total since the part was started, not the increment.
    pub fn total(instrument: &'static Instrument, total: u64) -> Self {
        Self { instrument, value: Value::Total(total), attributes: Vec::new() }
    }

    /// Creates a measurement of a gauge.
    pub fn gauge(instrument: &'static Instrument, value: f64) -> Self {
        Self { instrument, value: Value::Gauge(value), attributes: Vec::new() }
    }

    /// Creates a measurement of a gauge whose value is a count.
    pub fn amount(instrument: &'static Instrument, amount: u64) -> Self {
        // Larger amounts than 2^53 lose precision, which does not matter for a gauge.
        Self::gauge(instrument, amount as f64)
    }

    /// Creates a measurement of a gauge that is 1 if `flag` is true, and otherwise 0.
    pub fn flag(instrument: &'static Instrument, flag: bool) -> Self {
        Self::gauge(instrument, f64::from(u8::from(flag)))
    }

    /// Adds an attribute. Do not use ids of aggregates or other values of which there may be arbitrarily many.
    pub fn with(mut self, attribute: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((attribute, value.into()));
        self
    }
}
