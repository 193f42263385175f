//! Receiving messages in the format of EventBridge events.

mod detail;
mod envelope;
mod error;

pub(crate) use detail::{decode, is_pointer, is_replay};
pub use envelope::EventBridgeEnvelope;
pub use error::{MalformedEventError, ReceiveError};
