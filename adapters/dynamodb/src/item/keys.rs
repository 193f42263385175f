//! The partition keys of aggregates, and the timestamp bounds of queries.

use std::ops::RangeInclusive;

use castore_core::time::Timestamp;

/// The separator between the event store and the aggregate. The key is split at the first separator, so aggregate ids
/// may contain further separators.
const SEPARATOR: char = '#';
/// The maximum length of a partition key, in bytes.
const MAX_KEY: usize = 2048;

/// Returns the partition key of an aggregate.
///
/// # Errors
/// The reason why the ids cannot be a key.
pub(crate) fn partition_key(event_store_id: &str, aggregate_id: &str) -> Result<String, &'static str> {
    if event_store_id.is_empty() {
        return Err("an event store id that is empty");
    }
    if event_store_id.contains(SEPARATOR) {
        return Err("an event store id with '#', which separates it from the aggregate id");
    }
    let key = format!("{event_store_id}{SEPARATOR}{aggregate_id}");
    if key.len() > MAX_KEY { Err("ids of more than 2047 bytes together") } else { Ok(key) }
}

/// Returns the event store id and the aggregate id of a partition key.
pub(crate) fn split(partition_key: &str) -> Option<(&str, &str)> {
    partition_key.split_once(SEPARATOR)
}

/// Returns the range of timestamps whose texts sort chronologically: those with four-digit years.
pub(crate) fn sortable() -> RangeInclusive<i64> {
    // 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z
    -62_167_219_200_000..=253_402_300_799_999
}

/// Returns a lower bound for timestamps, as text.
pub(crate) fn lower_bound(moment: Timestamp) -> Bound {
    match moment.unix_millis() {
        millis if millis < *sortable().start() => Bound::Open,
        millis if millis > *sortable().end() => Bound::Nothing,
        _ => Bound::At(moment.to_string()),
    }
}

/// Returns an upper bound for timestamps, as text.
pub(crate) fn upper_bound(moment: Timestamp) -> Bound {
    match moment.unix_millis() {
        millis if millis > *sortable().end() => Bound::Open,
        millis if millis < *sortable().start() => Bound::Nothing,
        _ => Bound::At(moment.to_string()),
    }
}

/// A bound for timestamps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Every timestamp that can be stored is within the bound.
    Open,
    /// No timestamp that can be stored is within the bound.
    Nothing,
    /// An inclusive bound.
    At(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_separator_counts() {
        assert_eq!(partition_key("POKEMONS", "a#b").as_deref(), Ok("POKEMONS#a#b"));
        assert_eq!(split("POKEMONS#a#b"), Some(("POKEMONS", "a#b")));
        assert_eq!(split("POKEMONS#"), Some(("POKEMONS", "")));
        assert_eq!(split("POKEMONS"), None);
        assert!(partition_key("A#B", "c").is_err());
        assert!(partition_key("", "c").is_err());
        assert!(partition_key("A", &"x".repeat(2046)).is_ok());
        assert!(partition_key("A", &"x".repeat(2047)).is_err());
    }

    #[test]
    fn bounds_beyond_what_sorts_are_open_or_nothing() {
        let moment = |text: &str| text.parse::<Timestamp>().unwrap();
        let (early, late) = (moment("-000001-12-31T23:59:59.999Z"), moment("+010000-01-01T00:00:00.000Z"));
        assert_eq!((lower_bound(early), upper_bound(early)), (Bound::Open, Bound::Nothing));
        assert_eq!((lower_bound(late), upper_bound(late)), (Bound::Nothing, Bound::Open));
        for text in ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            assert_eq!(lower_bound(moment(text)), Bound::At(text.to_owned()));
            assert_eq!(upper_bound(moment(text)), Bound::At(text.to_owned()));
        }
    }
}
