use std::error::Error;
use std::fmt;

use bytes::{BufMut, BytesMut};
use castore_core::time::Timestamp;
use serde_json::value::RawValue;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use crate::statement::parameters;

type Failure = Box<dyn Error + Sync + Send>;

/// 2000-01-01, the epoch of Postgres, in milliseconds since 1970.
const EPOCH_MILLIS: i64 = 946_684_800_000;
/// The range of a `timestamp` in microseconds; the end is exclusive.
const RANGE_MICROS: (i64, i64) = (-211_813_488_000_000_000, 9_223_371_331_200_000_000);

/// The wire format of a `timestamp` or `timestamptz`: microseconds since 2000, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(i64);

impl Moment {
    pub(super) const FIRST: Self = Self(i64::MIN);
    pub(super) const LAST: Self = Self(i64::MAX);

    /// Converts a time. Returns `None` for times outside of the range of Postgres.
    pub(crate) fn new(timestamp: Timestamp) -> Option<Self> {
        let micros = timestamp.unix_millis().checked_sub(EPOCH_MILLIS)?.checked_mul(1_000)?;
        (RANGE_MICROS.0..RANGE_MICROS.1).contains(&micros).then_some(Self(micros))
    }

    /// Converts a bound. A bound outside of the range of Postgres becomes infinite, because no event is outside of this
    /// range.
    pub(super) fn bound(timestamp: Timestamp) -> Self {
        Self::new(timestamp).unwrap_or(if timestamp.unix_millis() < EPOCH_MILLIS { Self::FIRST } else { Self::LAST })
    }

    /// Returns the time truncated to milliseconds, or `None` for the infinities.
    pub(crate) fn timestamp(self) -> Option<Timestamp> {
        Timestamp::from_unix_millis(self.0.div_euclid(1_000).checked_add(EPOCH_MILLIS)?)
    }
}

impl ToSql for Moment {
    accepts!(TIMESTAMP, TIMESTAMPTZ);
    to_sql_checked!();

    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        out.put_i64(self.0);
        Ok(IsNull::No)
    }
}

/// A time as a parameter of type `timestamp`, in UTC. As a parameter, [`Moment`] has the type `timestamptz`.
#[derive(Debug, Clone, Copy)]
pub(super) struct UtcMoment(pub(super) Moment);

impl ToSql for UtcMoment {
    accepts!(TIMESTAMP);
    to_sql_checked!();

    fn to_sql(&self, sql_type: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        self.0.to_sql(sql_type, out)
    }
}

impl<'a> FromSql<'a> for Moment {
    accepts!(TIMESTAMP, TIMESTAMPTZ);

    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(i64::from_be_bytes(raw.try_into()?)))
    }
}

/// JSON text as a parameter of type `jsonb`. The `Debug` output shows no content, because the driver logs parameters.
#[derive(Clone, Copy)]
pub(super) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// Creates a parameter. Returns `None`, which is SQL NULL, for a missing value and for the JSON `null`. The
    /// original package does not store JSON nulls either.
    pub(super) fn new(json: Option<&'a RawValue>) -> Option<Self> {
        json.map(|json| json.get().trim_ascii()).filter(|text| *text != "null").map(Self)
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }
}

parameters! {
    Moment => TIMESTAMPTZ;
    Vec<Moment> => TIMESTAMPTZ_ARRAY;
    UtcMoment => TIMESTAMP;
    Option<Json<'_>> => JSONB;
    Vec<Option<Json<'_>>> => JSONB_ARRAY;
}

/// The only version of the wire format of `jsonb`.
const JSONB_VERSION: u8 = 1;

impl ToSql for Json<'_> {
    accepts!(JSONB);
    to_sql_checked!();

    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        out.put_u8(JSONB_VERSION);
        out.put_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

/// JSON text of a `jsonb` column, borrowed from the row.
pub(crate) struct JsonText<'a>(&'a str);

impl<'a> JsonText<'a> {
    /// Returns the text, or `None` for the JSON `null`, which the original package also reads as no payload.
    pub(crate) fn get(self) -> Option<&'a str> {
        (self.0 != "null").then_some(self.0)
    }
}

impl<'a> FromSql<'a> for JsonText<'a> {
    accepts!(JSONB);

    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        match raw {
            [JSONB_VERSION, text @ ..] => Ok(Self(str::from_utf8(text)?)),
            _ => Err("an unknown version of jsonb".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Option<Moment> {
        Moment::new(text.parse().unwrap())
    }

    #[test]
    fn moments_are_microseconds_since_2000() {
        assert_eq!(moment("2000-01-01T00:00:00.001Z"), Some(Moment(1_000)));
        assert_eq!(moment("1999-12-31T23:59:59.999Z"), Some(Moment(-1_000)));
        for text in ["2024-02-29T12:34:56.789Z", "-004713-11-24T00:00:00.000Z", "+262000-01-01T00:00:00.000Z"] {
            assert_eq!(moment(text).unwrap().timestamp().unwrap().to_string(), text);
        }
    }

    #[test]
    fn microseconds_are_cut_towards_the_past() {
        assert_eq!(Moment(-1).timestamp().unwrap().to_string(), "1999-12-31T23:59:59.999Z");
        assert_eq!(Moment(1_999).timestamp().unwrap().to_string(), "2000-01-01T00:00:00.001Z");
    }

    #[test]
    fn what_postgres_has_no_room_for_is_a_bound_only() {
        assert_eq!(moment("-004713-11-23T23:59:59.999Z"), None);
        assert_eq!(Moment::bound("-004714-01-01T00:00:00.000Z".parse().unwrap()), Moment::FIRST);
        assert_eq!((Moment::FIRST.timestamp(), Moment::LAST.timestamp()), (None, None));
    }

    #[test]
    fn json_does_not_show_itself() {
        let secret = serde_json::value::to_raw_value("secret").unwrap();
        assert_eq!(format!("{:?}", Json::new(Some(&secret))), "Some(JSON)");
    }
}
