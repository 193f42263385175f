//! Metrics: the interface to metrics libraries, and the instruments that castore reports.
//!
//! castore passes all measurements to a [`Meter`]. The crate `castore-metrics` implements this trait for the facade
//! `metrics`. There is no global meter: a program passes its meter to the parts that it wants to measure.
//!
//! Measurements come from two sources:
//! * **Status.** Relays, projections and consumers count their work for their `status()`. A [`MetricsCollector`] reads
//!   these counts from the parts of a [`Service`](crate::service::Service) and reports them. Therefore the parts need
//!   no meter, and cost the same with and without metrics. The lag of a relay is reported even if the relay no longer
//!   publishes, because the collector does not depend on the relay's task.
//! * **Wrappers.** The duration of a call cannot be computed from counts. [`MeteredEventStorageAdapter`] measures the
//!   pushes and reads of a storage, [`MeteredMessageChannelAdapter`] measures publishing, and
//!   [`Listeners::metered`](crate::consumer::Listeners::metered) and
//!   [`MessageHandler::metered`](crate::consumer::MessageHandler::metered) measure handlers. `with_meter` counts the
//!   attempts of commands, and `Snapshots::metered` counts the searches for snapshots. A program without wrappers has
//!   no costs for these measurements.
//!
//! Attributes name event stores, commands, channels, listeners, relays and read models, never aggregates: every
//! distinct value of an attribute is a separate time series.

mod channel;
mod collector;
mod handler;
mod instrument;
pub mod instruments;
mod measurement;
mod meter;
mod stopwatch;
mod storage;

pub use channel::MeteredMessageChannelAdapter;
pub use collector::MetricsCollector;
pub(crate) use handler::metered;
pub use instrument::{Instrument, InstrumentKind};
pub use measurement::Measurement;
pub use meter::{Attribute, Meter};
pub use storage::MeteredEventStorageAdapter;

/// Recommended upper bounds of the histogram buckets for all durations, in seconds: from 1 millisecond to 10 seconds.
pub const DURATION_BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
