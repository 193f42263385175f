//! A service: the relays, projections and consumers of a program, which start and stop together.

mod error;
mod part;
mod supervisor;

pub use error::ServiceError;
pub use part::{PartError, ServicePart};
pub use supervisor::Service;
