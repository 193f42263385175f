//! What those who listen get of a message.

mod detail;
mod envelope;
mod error;

pub(crate) use detail::{decode, is_pointer, is_replay};
pub use envelope::EventBridgeEnvelope;
pub use error::{MalformedEventError, ReceiveError};
