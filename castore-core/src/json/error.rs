use std::error::Error;
use std::fmt;

use super::MAX_JSON_DEPTH;

/// The error for a value that cannot be written as JSON that can be read again.
#[derive(Debug)]
#[non_exhaustive]
pub struct JsonError {
    /// The path of the value, as in `payload.team[2].name`. The path consists of declared names and of indexes. The
    /// keys of maps are shown as `*`, because they are content.
    pub path: String,
    /// The reason. Its text is part of this error's text, so the reason itself is not returned as a source.
    pub problem: JsonProblem,
}

/// The reason why a value cannot be written as JSON that can be read again.
#[derive(Debug)]
#[non_exhaustive]
pub enum JsonProblem {
    /// A floating point number is NaN or infinite. `serde_json` would write it as `null`.
    NotFinite,
    /// Arrays and objects are nested deeper than [`MAX_JSON_DEPTH`] levels.
    TooDeep,
    /// The `Serialize` implementation of the type failed.
    Serialize(serde_json::Error),
}

impl fmt::Display for JsonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` {}", self.path, self.problem)
    }
}

impl Error for JsonError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            JsonProblem::Serialize(source) => Some(source),
            JsonProblem::NotFinite | JsonProblem::TooDeep => None,
        }
    }
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite => formatter.write_str("is NaN or infinite, which JSON cannot represent"),
            Self::TooDeep => write!(formatter, "is nested deeper than {MAX_JSON_DEPTH} levels of arrays and objects"),
            Self::Serialize(_) => formatter.write_str("cannot be written as JSON"),
        }
    }
}
