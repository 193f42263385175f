//! Common code of the adapters that publish messages in batches.

mod identity;
mod options;
mod serialized;

pub use identity::MessageIdentity;
pub use options::{OutgoingMessage, PublishOptions};
pub use serialized::SerializedMessage;

#[cfg(test)]
mod tests;
