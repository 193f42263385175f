//! What a Lambda function behind a rule is called with.

mod message;
mod narrows;

pub use message::EventBridgeMessageBusMessage;
pub use narrows::{AllEvents, AllSources, Narrows};
