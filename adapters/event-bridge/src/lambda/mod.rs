//! The input of a Lambda function that is the target of a rule.

mod message;
mod narrows;

pub use message::EventBridgeMessageBusMessage;
pub use narrows::{AllEvents, AllSources, Narrows};
