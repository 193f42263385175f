//! Conversions between timestamps and the types of other crates.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "time")]
mod time;

/// The error for a timestamp that the type of the other crate cannot represent, because the year is out of range.
#[cfg(any(feature = "jiff", feature = "time"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the timestamp {timestamp} is out of range for `{target}`")]
#[non_exhaustive]
pub struct TimestampRangeError {
    /// The timestamp.
    pub timestamp: super::Timestamp,
    /// The name of the type that cannot represent the timestamp.
    pub target: &'static str,
}
