//! Publishing messages to a bus.

mod adapter;
mod builder;
mod outcome;
mod publisher;

pub use adapter::EventBridgeMessageBusAdapter;
pub use builder::EventBridgeAdapterBuilder;
pub use outcome::RefusedEventError;
