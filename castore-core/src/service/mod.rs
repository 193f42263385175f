//! A service: the relays, projections and consumers of a program, which start and stop together.

mod error;
mod health;
mod part;
mod readiness;
mod storage;
mod supervisor;

pub use error::ServiceError;
pub use health::{Health, PartHealth};
pub use part::{PartError, ServicePart};
pub use readiness::Readiness;
pub use storage::ReachableStorage;
pub use supervisor::Service;
