use std::error::Error;
use std::fmt;

use super::DecodeEventProblem;
use crate::json::JsonError;

/// The error for an event that is not stored, because reading it would fail or return another value.
///
/// The last three variants are detected only in debug builds and by test tools, because only these read back every
/// event that they write. An exception is metadata that is written as `null`, which every build rejects.
#[derive(Debug)]
#[non_exhaustive]
pub enum EncodeEventError {
    /// The payload or the metadata cannot be written as JSON that can be read again.
    Json(JsonError),
    /// The event was written, but reading it failed.
    Unreadable(DecodeEventProblem),
    /// The event was written, but reading it returned another value: for example, `Some(None)` is read as `None`.
    ReadsAsAnotherValue {
        /// The path of the value, as in `payload.team[2].name`. The path consists of declared names and of indexes.
        path: String,
    },
    /// The `FromStr` of the aggregate id type failed or returned another id for the text that its `Display` wrote.
    AggregateId,
}

impl fmt::Display for EncodeEventError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(formatter),
            Self::Unreadable(problem) => write!(formatter, "the event cannot be read back from its JSON: {problem}"),
            Self::ReadsAsAnotherValue { path } => write!(
                formatter,
                "reading `{path}` would return a different value than the one written; change its type or its serde attributes"
            ),
            Self::AggregateId => {
                formatter.write_str("the `FromStr` of the aggregate id type must parse what its `Display` writes; make them inverse to each other")
            }
        }
    }
}

impl Error for EncodeEventError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Json(error) => error.source(),
            Self::Unreadable(_) | Self::ReadsAsAnotherValue { .. } | Self::AggregateId => None,
        }
    }
}

impl From<JsonError> for EncodeEventError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}
