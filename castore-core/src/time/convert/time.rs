use time::{OffsetDateTime, UtcDateTime};

use super::TimestampRangeError;
use crate::time::Timestamp;

impl From<OffsetDateTime> for Timestamp {
    /// Converts the time, truncated to milliseconds.
    fn from(time: OffsetDateTime) -> Self {
        of_nanos(time.unix_timestamp_nanos())
    }
}

impl From<UtcDateTime> for Timestamp {
    /// Converts the time, truncated to milliseconds.
    fn from(time: UtcDateTime) -> Self {
        of_nanos(time.unix_timestamp_nanos())
    }
}

fn of_nanos(nanos: i128) -> Timestamp {
    Timestamp::clamped(i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(i64::MAX))
}

impl TryFrom<Timestamp> for OffsetDateTime {
    type Error = TimestampRangeError;

    /// Converts to a time with the offset UTC.
    fn try_from(timestamp: Timestamp) -> Result<Self, TimestampRangeError> {
        Self::from_unix_timestamp_nanos(i128::from(timestamp.unix_millis()) * 1_000_000)
            .map_err(|_| TimestampRangeError { timestamp, target: "time::OffsetDateTime" })
    }
}

impl TryFrom<Timestamp> for UtcDateTime {
    type Error = TimestampRangeError;

    fn try_from(timestamp: Timestamp) -> Result<Self, TimestampRangeError> {
        Self::from_unix_timestamp_nanos(i128::from(timestamp.unix_millis()) * 1_000_000)
            .map_err(|_| TimestampRangeError { timestamp, target: "time::UtcDateTime" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times_convert_both_ways() {
        for text in ["2024-02-29T12:34:56.789Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"] {
            let timestamp: Timestamp = text.parse().unwrap();
            assert_eq!(Timestamp::from(OffsetDateTime::try_from(timestamp).unwrap()), timestamp);
            assert_eq!(Timestamp::from(UtcDateTime::try_from(timestamp).unwrap()), timestamp);
        }
        let before = UtcDateTime::from_unix_timestamp_nanos(-1).unwrap();
        assert_eq!(Timestamp::from(before).to_string(), "1969-12-31T23:59:59.999Z");
        let early = Timestamp::from_unix_millis(-1_000_000_000_000_000).unwrap();
        let error = OffsetDateTime::try_from(early).unwrap_err();
        assert!(error.to_string().contains("out of range for `time::OffsetDateTime`"), "{error}");
    }
}
