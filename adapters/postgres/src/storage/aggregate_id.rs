use std::borrow::Cow;
use std::error::Error;

use bytes::{BufMut, BytesMut};
use castore_core::storage::StorageError;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use crate::schema::{AggregateIdKind, BLANK_PADDED, Table};
use crate::statement::Parameter;

/// An aggregate id in the form that its column requires.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum AggregateId<'a> {
    Uuid([u8; 16]),
    Text(&'a str),
}

impl<'a> AggregateId<'a> {
    pub(crate) fn new(table: &Table, text: &'a str) -> Result<Self, StorageError> {
        let unsupported = |what: String| Err(StorageError::Unsupported { what });
        if text.contains('\0') {
            return unsupported("an aggregate id with a NUL character".to_owned());
        }
        match &table.aggregate_id {
            AggregateIdKind::Uuid => match parse_uuid(text) {
                Some(bytes) => Ok(Self::Uuid(bytes)),
                None => unsupported(format!(
                    "an aggregate id that is not a UUID: the column aggregate_id of {} has type uuid; use UUIDs, or create the table with `PostgresEventStorageAdapterBuilder::aggregate_id_column(AggregateIdColumn::Text)`",
                    table.qualified
                )),
            },
            AggregateIdKind::Text { length: Some(length) } if text.chars().count() > *length => unsupported(format!(
                "an aggregate id of more than {length} characters, the length of the column aggregate_id of {}",
                table.qualified
            )),
            AggregateIdKind::Other { name } if name == BLANK_PADDED && text.ends_with(' ') => unsupported(format!(
                "an aggregate id that ends with a space: the column aggregate_id of {} has type char, which ignores trailing spaces",
                table.qualified
            )),
            AggregateIdKind::Text { .. } | AggregateIdKind::Other { .. } => Ok(Self::Text(text)),
        }
    }

    /// Returns the id in the form in which Postgres returns it: UUIDs are in lower case, whatever their written form
    /// was.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        match self {
            Self::Uuid(bytes) => uuid_text(bytes).into(),
            Self::Text(text) => (*text).into(),
        }
    }
}

impl ToSql for AggregateId<'_> {
    accepts!(UUID, TEXT);
    to_sql_checked!();

    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Uuid(bytes) => out.put_slice(bytes),
            Self::Text(text) => out.put_slice(text.as_bytes()),
        }
        Ok(IsNull::No)
    }
}

impl AggregateId<'_> {
    fn is_uuid(&self) -> bool {
        matches!(self, Self::Uuid(_))
    }
}

impl Parameter for AggregateId<'_> {
    fn sql_type(&self) -> Type {
        if self.is_uuid() { Type::UUID } else { Type::TEXT }
    }

    fn value(&self) -> &(dyn ToSql + Sync) {
        self
    }
}

/// The ids are those of one column, so all have the same type.
impl Parameter for Vec<AggregateId<'_>> {
    fn sql_type(&self) -> Type {
        if self.first().is_some_and(AggregateId::is_uuid) { Type::UUID_ARRAY } else { Type::TEXT_ARRAY }
    }

    fn value(&self) -> &(dyn ToSql + Sync) {
        self
    }
}

/// The text of an aggregate id that was read from its column. The 16 bytes of a UUID column are converted to text.
#[derive(Debug)]
pub(crate) struct AggregateIdText(pub(crate) String);

impl<'a> FromSql<'a> for AggregateIdText {
    accepts!(UUID, TEXT, VARCHAR);

    fn from_sql(column: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(if *column == Type::UUID { uuid_text(raw.try_into()?) } else { str::from_utf8(raw)?.to_owned() }))
    }
}

/// Parses the forms that Postgres accepts: upper or lower case, optional braces, and optional hyphens after each group
/// of four digits.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut digits = digits.bytes().peekable();
    let mut bytes = [0; 16];
    for (index, byte) in bytes.iter_mut().enumerate() {
        let mut digit = || char::from(digits.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        *byte = u8::try_from(high << 4 | low).ok()?;
        if index % 2 == 1 && index < 15 {
            digits.next_if_eq(&b'-');
        }
    }
    digits.next().is_none().then_some(bytes)
}

fn uuid_text(bytes: &[u8; 16]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([byte >> 4, byte & 0xf].map(|digit| DIGITS[usize::from(digit)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_uuids_as_postgres_does() {
        const TEXT: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        for text in [
            TEXT,
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
        ] {
            assert_eq!(uuid_text(&parse_uuid(text).unwrap()), TEXT, "{text}");
        }
        for text in [
            "",
            "pikachu-1",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
            "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11",
            "a0e-ebc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-",
            "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ] {
            assert_eq!(parse_uuid(text), None, "{text}");
        }
    }
}
