//! Metrics: a hook for meters, and the instruments that castore reports.
//!
//! A [`Meter`] is the only link to a metrics library. The crate `castore-metrics` implements it for the `metrics`
//! facade. There is no global meter: a program passes its meter to the parts that it wants to measure.
//!
//! Measurements come from two sources:
//! * **Status.** Relays, projections and consumers count what they do, for their `status()`. A [`MetricsCollector`]
//!   reads these counts from the parts of a [`Service`](crate::service::Service) and reports them. Therefore the parts
//!   have no hook, and cost the same with and without a meter. A relay that no longer publishes still shows its lag,
//!   because the collector does not depend on the relay's task.
//! * **Wrappers.** The duration of a call cannot be computed from counts. [`MeteredEventStorageAdapter`] measures the
//!   pushes and reads of a storage, [`MeteredMessageChannelAdapter`] measures publishing, and
//!   [`Listeners::metered`](crate::consumer::Listeners::metered) and
//!   [`MessageHandler::metered`](crate::consumer::MessageHandler::metered) measure handlers. Without a wrapper, nothing
//!   is measured and nothing is paid.
//!
//! Attributes name event stores, channels, listeners, relays and read models, never aggregates: every distinct value
//! of an attribute is a separate time series.

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
