//! A bridge from the metrics of [castore](https://docs.rs/castore) to the facade [`metrics`], for Prometheus and all
//! other exporters of that facade. Applications use it as `castore::metrics::FacadeMeter`.
//!
//! With the crate `metrics-exporter-prometheus`:
//!
//! ```ignore
//! use std::sync::Arc;
//!
//! use castore::metrics::{DURATION_BUCKETS, FacadeMeter, Meter};
//! use metrics_exporter_prometheus::PrometheusBuilder;
//!
//! // Instead of `build_recorder`, programs that use the macros of `metrics` call `install_recorder` and
//! // `FacadeMeter::global`.
//! let recorder = PrometheusBuilder::new()
//!     .with_recommended_naming(true)
//!     .set_buckets(DURATION_BUCKETS)?
//!     .build_recorder();
//! let prometheus = recorder.handle();
//! let meter: Arc<dyn Meter> = Arc::new(FacadeMeter::new(recorder));
//!
//! // The handler of `/metrics`:
//! let page = prometheus.render();
//! ```
//!
//! The dashboard in the repository (`docs/dashboard.json`) expects the names and buckets of this example.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod meter;

#[doc(inline)]
pub use castore_core::metrics::DURATION_BUCKETS;
pub use meter::FacadeMeter;
