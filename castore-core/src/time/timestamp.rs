use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The time of an event, in UTC, with millisecond precision.
///
/// A timestamp is serialized in the format of JavaScript's `Date.prototype.toISOString`: `2024-02-29T12:34:56.789Z`.
/// More precise times are truncated. The reason is that the original TypeScript packages list aggregates page by page
/// with millisecond precision, and would never finish listing a table that contains microseconds.
///
/// ```
/// use castore_core::time::Timestamp;
///
/// let timestamp: Timestamp = "2024-02-29T13:34:56.789123+01:00".parse()?;
/// assert_eq!(timestamp.to_string(), "2024-02-29T12:34:56.789Z");
/// # Ok::<(), castore_core::time::ParseTimestampError>(())
/// ```
///
/// `Timestamp` converts from and to `SystemTime`. With the features `chrono`, `jiff` and `time`, it also converts from
/// and to the types of these crates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    unix_millis: i64,
}

/// The range of valid timestamps in milliseconds, both ends included: the range of chrono without its first and last
/// millisecond.
const RANGE: (i64, i64) =
    (DateTime::<Utc>::MIN_UTC.timestamp_millis() + 1, DateTime::<Utc>::MAX_UTC.timestamp_millis() - 1);

impl Timestamp {
    /// The Unix epoch, 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self { unix_millis: 0 };

    /// Returns the current time of the operating system.
    pub fn now() -> Self {
        // Every push calls this, so it avoids the conversion to a date.
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { unix_millis: i64::try_from(since_1970.as_millis()).map_or(RANGE.1, |millis| millis.min(RANGE.1)) }
    }

    /// Creates a timestamp from milliseconds since 1970-01-01T00:00:00Z. Returns `None` if the time is more than about
    /// 262,000 years before or after 1970.
    pub fn from_unix_millis(unix_millis: i64) -> Option<Self> {
        (RANGE.0..=RANGE.1).contains(&unix_millis).then_some(Self { unix_millis })
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    pub fn unix_millis(self) -> i64 {
        self.unix_millis
    }

    /// Returns the time since this timestamp, according to the clock of the operating system. Returns 0 if the
    /// timestamp is in the future.
    pub fn elapsed(self) -> Duration {
        let millis = Self::now().unix_millis.saturating_sub(self.unix_millis);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    /// Creates a timestamp from milliseconds. If the value is out of range, returns the nearest valid timestamp.
    pub(super) fn clamped(unix_millis: i64) -> Self {
        Self { unix_millis: unix_millis.clamp(RANGE.0, RANGE.1) }
    }

    pub(super) fn of_date_time(time: DateTime<Utc>) -> Self {
        Self::clamped(time.timestamp_millis())
    }

    pub(super) fn date_time(self) -> DateTime<Utc> {
        // The range was checked when the timestamp was created.
        DateTime::from_timestamp_millis(self.unix_millis).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl From<SystemTime> for Timestamp {
    /// Converts the time, truncated to milliseconds. Times outside the range of a timestamp become the nearest valid
    /// timestamp.
    fn from(time: SystemTime) -> Self {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let unix_millis = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => millis(since),
            // Rounds down, like the conversion of times after 1970.
            Err(before) => -millis(before.duration() + Duration::from_nanos(999_999)),
        };
        Self::clamped(unix_millis)
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        let distance = Duration::from_millis(timestamp.unix_millis.unsigned_abs());
        let time = if timestamp.unix_millis < 0 {
            Self::UNIX_EPOCH.checked_sub(distance)
        } else {
            Self::UNIX_EPOCH.checked_add(distance)
        };
        // If the platform's `SystemTime` cannot represent the time, the result is the Unix epoch.
        time.unwrap_or(Self::UNIX_EPOCH)
    }
}

/// A text buffer that is large enough for the longest form, `+262142-12-31T23:59:59.999Z`.
struct Text {
    bytes: [u8; 32],
    length: usize,
}

impl Text {
    fn of(timestamp: Timestamp) -> Self {
        let time = timestamp.date_time();
        let mut text = Self { bytes: [0; 32], length: 0 };
        match time.year() {
            year @ 0..=9999 => text.number(year.unsigned_abs(), 4),
            // Years that do not have four digits are written like in JavaScript, with a sign and six digits.
            year => {
                text.push(if year < 0 { b'-' } else { b'+' });
                text.number(year.unsigned_abs(), 6);
            }
        }
        for (separator, number) in [(b'-', time.month()), (b'-', time.day()), (b'T', time.hour())] {
            text.push(separator);
            text.number(number, 2);
        }
        for number in [time.minute(), time.second()] {
            text.push(b':');
            text.number(number, 2);
        }
        text.push(b'.');
        text.number(time.timestamp_subsec_millis(), 3);
        text.push(b'Z');
        text
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn number(&mut self, mut number: u32, digits: usize) {
        for at in (self.length..self.length + digits).rev() {
            self.bytes[at] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.length += digits;
    }

    fn as_str(&self) -> &str {
        // The bytes are digits, signs and separators, so they are valid UTF-8.
        str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(Text::of(*self).as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Text::of(*self).as_str())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Timestamp;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an ISO 8601 timestamp like \"2024-02-29T12:34:56.789Z\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(|_| E::invalid_value(serde::de::Unexpected::Other("other text"), &self))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// The error for text that is not a valid timestamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 8601 timestamp like \"2024-02-29T12:34:56.789Z\"")]
pub struct ParseTimestampError(());

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    /// Reads the ISO 8601 forms that JavaScript's `Date` reads: a date and time with `Z` or an offset, with or without
    /// seconds and fractions, a date alone, a month or a year. Missing parts get their lowest value.
    ///
    /// A time without an offset is read as UTC, whereas JavaScript's `Date` reads such a time in the local time zone.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(timestamp) = from_wire_form(text.as_bytes()) {
            return Ok(timestamp);
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::of_date_time(time.to_utc()));
        }
        if let Ok(date) = text.parse::<NaiveDate>() {
            return Ok(Self::of_date_time(date.and_time(chrono::NaiveTime::MIN).and_utc()));
        }
        // Expanded years with a sign and six digits, as `Display` writes them.
        if let Ok(time) = text.parse::<DateTime<Utc>>() {
            return Ok(Self::of_date_time(time));
        }
        short_form(text).ok_or(ParseTimestampError(()))
    }
}

/// Reads the forms that are not in RFC 3339: without an offset, without seconds, or without a day or a month.
fn short_form(text: &str) -> Option<Timestamp> {
    if let Some((date, time)) = text.split_once('T') {
        let (time, offset) = match time.find(['Z', '+', '-']) {
            Some(at) => time.split_at_checked(at)?,
            None => (time, "Z"),
        };
        // A time of five characters consists of hours and minutes only.
        let seconds = if time.len() == 5 { ":00" } else { "" };
        return DateTime::parse_from_rfc3339(&format!("{date}T{time}{seconds}{offset}"))
            .ok()
            .map(|time| Timestamp::of_date_time(time.to_utc()));
    }
    let is_of_length = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let (year, month) = text.split_once('-').unwrap_or((text, "01"));
    if !is_of_length(year, 4) || !is_of_length(month, 2) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?;
    Some(Timestamp::of_date_time(date.and_time(chrono::NaiveTime::MIN).and_utc()))
}

/// Reads the form that castore and the original packages write. This parser is four times as fast as the general
/// parser.
fn from_wire_form(text: &[u8]) -> Option<Timestamp> {
    let [year @ .., b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2, f3, b'Z'] =
        text
    else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    if year.len() != 4 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(number(year)? as i32, number(&[*m1, *m2])?, number(&[*d1, *d2])?)?;
    let time = date.and_hms_milli_opt(
        number(&[*h1, *h2])?,
        number(&[*n1, *n2])?,
        number(&[*s1, *s2])?,
        number(&[*f1, *f2, *f3])?,
    )?;
    Some(Timestamp::of_date_time(time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_times_are_converted_to_the_millisecond() {
        for millis in [0, 1, -1, 1_709_210_096_789, -62_135_596_800_000] {
            let timestamp = Timestamp::from_unix_millis(millis).unwrap();
            assert_eq!(Timestamp::from(SystemTime::from(timestamp)), timestamp);
        }
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(Timestamp::from(epoch + Duration::from_nanos(1_999_999)).unix_millis(), 1);
        assert_eq!(Timestamp::from(epoch - Duration::from_nanos(1)).unix_millis(), -1);
    }

    fn parsed(text: &str) -> String {
        text.parse::<Timestamp>().unwrap().to_string()
    }

    #[test]
    fn wire_format_is_parsed_and_written() {
        for text in ["2024-02-29T12:34:56.789Z", "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            assert_eq!(parsed(text), text);
        }
    }

    #[test]
    fn other_iso_8601_formats_are_parsed() {
        assert_eq!(parsed("2024-02-29T12:34:56Z"), "2024-02-29T12:34:56.000Z");
        assert_eq!(parsed("2024-02-29T12:34:56.789999Z"), "2024-02-29T12:34:56.789Z");
        assert_eq!(parsed("2024-02-29T12:34:56.789+02:00"), "2024-02-29T10:34:56.789Z");
        assert_eq!(parsed("2024-01-01"), "2024-01-01T00:00:00.000Z");
        assert_eq!(parsed("2024-02-29T12:34:56.789"), "2024-02-29T12:34:56.789Z");
        assert_eq!(parsed("2024-02-29T12:34:56"), "2024-02-29T12:34:56.000Z");
        assert_eq!(parsed("2024-02-29T12:34"), "2024-02-29T12:34:00.000Z");
        assert_eq!(parsed("2024-02-29T12:34Z"), "2024-02-29T12:34:00.000Z");
        assert_eq!(parsed("2024-02-29T12:34+02:00"), "2024-02-29T10:34:00.000Z");
        assert_eq!(parsed("2024-02"), "2024-02-01T00:00:00.000Z");
        assert_eq!(parsed("2024"), "2024-01-01T00:00:00.000Z");
    }

    #[test]
    fn writes_far_years_as_javascript_does_and_reads_them_back() {
        let far = Timestamp::from_unix_millis(253_402_300_800_000).unwrap();
        assert_eq!(far.to_string(), "+010000-01-01T00:00:00.000Z");
        assert_eq!(far.to_string().parse(), Ok(far));
    }

    #[test]
    fn times_before_1970_are_truncated_towards_the_past() {
        assert_eq!(parsed("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn refuses_other_text() {
        for text in [
            "",
            "now",
            "2024-13-01T00:00:00.000Z",
            "2024-02-30T00:00:00.000Z",
            "2024-13",
            "24-01",
            "2024-1",
            "2024-02-29T12",
            "T",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn milliseconds_out_of_range_are_rejected() {
        assert_eq!(Timestamp::from_unix_millis(i64::MAX), None);
        assert_eq!(Timestamp::from_unix_millis(i64::MIN), None);
    }
}
