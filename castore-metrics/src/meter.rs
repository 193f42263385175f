use std::fmt;
use std::sync::Arc;

use castore_core::metrics::{Attribute, Instrument, InstrumentKind, Meter, instruments};
use metrics::{Key, KeyName, Label, Level, Metadata, Recorder, Unit};

/// A meter that passes measurements to a recorder of the facade [`metrics`]. Attributes become labels with the same
/// names.
///
/// Clones use the same recorder.
#[derive(Clone)]
pub struct FacadeMeter {
    /// The recorder, or `None` for the global recorder.
    recorder: Option<Arc<dyn Recorder + Send + Sync>>,
}

const METADATA: Metadata<'static> = Metadata::new("castore", Level::INFO, None);

impl FacadeMeter {
    /// Creates a meter that reports only to this recorder, and describes all instruments to the recorder.
    pub fn new(recorder: impl Recorder + Send + Sync + 'static) -> Self {
        Self::described(Some(Arc::new(recorder)))
    }

    /// Creates a meter for the global recorder of the process, to which the macros of `metrics` also report. Install
    /// the recorder first, because this function describes all instruments to the installed recorder.
    pub fn global() -> Self {
        Self::described(None)
    }

    fn described(recorder: Option<Arc<dyn Recorder + Send + Sync>>) -> Self {
        let meter = Self { recorder };
        meter.with_recorder(|recorder| instruments::ALL.iter().for_each(|instrument| describe(recorder, instrument)));
        meter
    }

    fn with_recorder(&self, call: impl FnOnce(&dyn Recorder)) {
        match &self.recorder {
            Some(recorder) => call(&**recorder),
            None => metrics::with_recorder(call),
        }
    }
}

impl Meter for FacadeMeter {
    fn count(&self, instrument: &'static Instrument, value: u64, attributes: &[Attribute<'_>]) {
        self.with_recorder(|recorder| {
            recorder.register_counter(&key(instrument, attributes), &METADATA).increment(value);
        });
    }

    fn record(&self, instrument: &'static Instrument, value: f64, attributes: &[Attribute<'_>]) {
        self.with_recorder(|recorder| {
            recorder.register_histogram(&key(instrument, attributes), &METADATA).record(value);
        });
    }

    fn gauge(&self, instrument: &'static Instrument, value: f64, attributes: &[Attribute<'_>]) {
        self.with_recorder(|recorder| recorder.register_gauge(&key(instrument, attributes), &METADATA).set(value));
    }
}

fn key(instrument: &'static Instrument, attributes: &[Attribute<'_>]) -> Key {
    let labels: Vec<Label> = attributes.iter().map(|(name, value)| Label::new(*name, (*value).to_owned())).collect();
    Key::from_parts(instrument.name(), labels)
}

fn describe(recorder: &dyn Recorder, instrument: &'static Instrument) {
    let (name, description) = (KeyName::from_const_str(instrument.name()), instrument.description().into());
    let unit = Some(if instrument.unit() == "s" { Unit::Seconds } else { Unit::Count });
    match instrument.kind() {
        InstrumentKind::Counter => recorder.describe_counter(name, unit, description),
        InstrumentKind::Histogram => recorder.describe_histogram(name, unit, description),
        _ => recorder.describe_gauge(name, unit, description),
    }
}

impl fmt::Debug for FacadeMeter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FacadeMeter").field("is_global", &self.recorder.is_none()).finish()
    }
}
