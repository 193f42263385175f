use std::fmt;
use std::sync::Arc;

/// A message without the envelope that another service put around it on its way to the queue.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvelopeContent {
    /// The JSON of the message, or of the pointer to a large one.
    pub json: String,
    /// Whether it was published as a replay.
    pub replay: bool,
}

impl EnvelopeContent {
    /// What an envelope holds.
    pub fn new(json: impl Into<String>, replay: bool) -> Self {
        Self { json: json.into(), replay }
    }
}

impl fmt::Debug for EnvelopeContent {
    /// Without the message, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EnvelopeContent").field("replay", &self.replay).finish_non_exhaustive()
    }
}

/// Opens the envelope that a body is; `None` if it is none.
pub(super) type OpenEnvelope = Arc<dyn Fn(&str) -> Option<EnvelopeContent> + Send + Sync>;
