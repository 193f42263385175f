use super::Instrument;

/// An attribute of a measurement: its name and its value.
pub type Attribute<'a> = (&'static str, &'a str);

/// A destination for measurements, which passes them to a metrics library.
///
/// `castore-metrics` implements this trait for the facade `metrics`. Implement it yourself to use another library. The
/// methods are called during the operations that they measure, so they must return quickly and must not block.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
///
/// use castore_core::metrics::{Attribute, Instrument, Meter};
///
/// /// Adds up all counters, without their attributes.
/// #[derive(Debug, Default)]
/// struct Totals(Mutex<BTreeMap<&'static str, u64>>);
///
/// impl Meter for Totals {
///     fn count(&self, instrument: &'static Instrument, value: u64, _: &[Attribute<'_>]) {
///         if let Ok(mut totals) = self.0.lock() {
///             *totals.entry(instrument.name()).or_default() += value;
///         }
///     }
///
///     fn record(&self, _: &'static Instrument, _: f64, _: &[Attribute<'_>]) {}
///
///     fn gauge(&self, _: &'static Instrument, _: f64, _: &[Attribute<'_>]) {}
/// }
/// ```
pub trait Meter: Send + Sync + 'static {
    /// Adds a value to a counter. The value may be 0, so that the time series exists before the first occurrence.
    fn count(&self, instrument: &'static Instrument, value: u64, attributes: &[Attribute<'_>]);

    /// Records one value in a histogram, in the unit of the instrument.
    fn record(&self, instrument: &'static Instrument, value: f64, attributes: &[Attribute<'_>]);

    /// Sets the value of a gauge, in the unit of the instrument.
    fn gauge(&self, instrument: &'static Instrument, value: f64, attributes: &[Attribute<'_>]);
}
