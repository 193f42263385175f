use super::TimestampRangeError;
use crate::time::Timestamp;

impl From<jiff::Timestamp> for Timestamp {
    /// Converts the time, truncated to milliseconds.
    fn from(time: jiff::Timestamp) -> Self {
        Self::clamped(i64::try_from(time.as_nanosecond().div_euclid(1_000_000)).unwrap_or(i64::MAX))
    }
}

impl From<&jiff::Zoned> for Timestamp {
    /// Converts the time, truncated to milliseconds.
    fn from(time: &jiff::Zoned) -> Self {
        time.timestamp().into()
    }
}

impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = TimestampRangeError;

    fn try_from(timestamp: Timestamp) -> Result<Self, TimestampRangeError> {
        Self::from_millisecond(timestamp.unix_millis())
            .map_err(|_| TimestampRangeError { timestamp, target: "jiff::Timestamp" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_convert_both_ways() {
        for text in ["2024-02-29T12:34:56.789Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"] {
            let timestamp: Timestamp = text.parse().unwrap();
            let time = jiff::Timestamp::try_from(timestamp).unwrap();
            assert_eq!(Timestamp::from(time), timestamp);
        }
        let before: jiff::Timestamp = "1969-12-31T23:59:59.9999Z".parse().unwrap();
        assert_eq!(Timestamp::from(before).to_string(), "1969-12-31T23:59:59.999Z");
        let early = Timestamp::from_unix_millis(-1_000_000_000_000_000).unwrap();
        let error = jiff::Timestamp::try_from(early).unwrap_err();
        assert!(error.to_string().contains("out of range for `jiff::Timestamp`"), "{error}");
    }
}
