//! The setup of the resources that a consumer behind a rule needs.

mod consumer_setup;
mod error;
mod found;
mod wanted_target;

pub use consumer_setup::EventBridgeConsumerSetup;
pub use error::EventBridgeSetupError;
