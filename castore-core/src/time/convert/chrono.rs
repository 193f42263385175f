use chrono::{DateTime, TimeZone, Utc};

use crate::time::Timestamp;

impl<Tz: TimeZone> From<DateTime<Tz>> for Timestamp {
    /// Converts the time, truncated to milliseconds.
    fn from(time: DateTime<Tz>) -> Self {
        Self::of_date_time(time.to_utc())
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.date_time()
    }
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;

    #[test]
    fn date_times_convert_both_ways() {
        let text = "2024-02-29T13:34:56.789123+01:00";
        let time: DateTime<FixedOffset> = text.parse().unwrap();
        assert_eq!(Timestamp::from(time), text.parse().unwrap());
        let utc = DateTime::<Utc>::from(Timestamp::from(time));
        assert_eq!(utc.to_rfc3339(), "2024-02-29T12:34:56.789+00:00");
        for edge in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let timestamp = Timestamp::from(edge);
            assert_eq!(Timestamp::from(DateTime::<Utc>::from(timestamp)), timestamp);
        }
    }
}
