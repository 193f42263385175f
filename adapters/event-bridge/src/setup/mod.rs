//! The setup of the resources that a consumer behind a rule needs.

mod consumer_setup;
mod error;
mod found;

pub use consumer_setup::EventBridgeConsumerSetup;
pub use error::EventBridgeSetupError;
