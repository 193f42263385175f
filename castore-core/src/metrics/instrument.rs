use std::fmt;

/// An instrument, which describes one kind of measurement: its name, kind, unit and attributes. The module
/// [`instruments`](super::instruments) contains all instruments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instrument {
    name: &'static str,
    kind: InstrumentKind,
    unit: &'static str,
    attributes: &'static [&'static str],
    description: &'static str,
}

/// The kind of an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstrumentKind {
    /// A total that only increases.
    Counter,
    /// A value that may increase and decrease.
    Gauge,
    /// A distribution of values.
    Histogram,
}

impl Instrument {
    pub(super) const fn new(
        name: &'static str,
        kind: InstrumentKind,
        unit: &'static str,
        attributes: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self { name, kind, unit, attributes, description }
    }

    /// Returns the name, such as `castore.relay.lag`. Its parts are separated by dots, as in the semantic conventions
    /// of OpenTelemetry.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the kind.
    pub const fn kind(&self) -> InstrumentKind {
        self.kind
    }

    /// Returns the unit in the notation of the Unified Code for Units of Measure (UCUM): `s` for seconds, and `1` for a
    /// flag that is 0 or 1. For all other instruments, the unit is the counted thing in braces, such as `{event}`.
    pub const fn unit(&self) -> &'static str {
        self.unit
    }

    /// Returns the names of the attributes. A measurement may omit some of them, for example `error.type` after a
    /// success.
    pub const fn attributes(&self) -> &'static [&'static str] {
        self.attributes
    }

    /// Returns the description, as one or more English sentences.
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// Returns the name that the instrument has in Prometheus, with underscores instead of dots. The name has the
    /// suffix `_seconds` if the unit is `s`, and the suffix `_total` if the instrument is a counter. A histogram
    /// additionally has one of the suffixes `_bucket`, `_sum` and `_count`.
    pub fn prometheus_name(&self) -> String {
        let unit = if self.unit == "s" { "_seconds" } else { "" };
        let total = if self.kind == InstrumentKind::Counter { "_total" } else { "" };
        format!("{}{unit}{total}", self.name.replace('.', "_"))
    }
}

impl fmt::Display for InstrumentKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        })
    }
}
