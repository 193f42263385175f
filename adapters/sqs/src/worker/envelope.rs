use std::fmt;
use std::sync::Arc;

/// The content of an envelope that another service has put around a message.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvelopeContent {
    /// The JSON of the message, or of the pointer to a large message.
    pub json: String,
    /// Whether the message was published as a replay.
    pub replay: bool,
}

impl EnvelopeContent {
    /// Creates the content of an envelope.
    pub fn new(json: impl Into<String>, replay: bool) -> Self {
        Self { json: json.into(), replay }
    }
}

impl fmt::Debug for EnvelopeContent {
    /// Omits the message, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EnvelopeContent").field("replay", &self.replay).finish_non_exhaustive()
    }
}

/// A function that extracts the content of an envelope from a body. Returns `None` if the body is not an envelope.
pub(super) type OpenEnvelope = Arc<dyn Fn(&str) -> Option<EnvelopeContent> + Send + Sync>;
