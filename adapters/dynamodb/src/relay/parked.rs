use castore_core::time::Timestamp;

use super::state::{number, text};
use crate::item::Item;

/// An aggregate with a message that cannot be published. That message and the later messages of the aggregate wait in
/// the table, while the messages of all other aggregates are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedStreamAggregate {
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version of the first unpublished event of the aggregate.
    pub next_version: u64,
    /// The number of failed attempts to publish the event with version `next_version`.
    pub attempts: u32,
    /// The reason of the last failure, without the payload.
    pub error: String,
    /// The time of the next attempt.
    pub next_attempt_at: Timestamp,
    /// Whether [`drop_message`](crate::DynamoDbRelay::drop_message) dropped the event with version `next_version`. The
    /// next attempt skips a dropped event.
    pub dropped: bool,
}

impl ParkedStreamAggregate {
    pub(super) fn of(item: &Item) -> Option<Self> {
        Some(Self {
            event_store_id: text(item, "store")?.to_owned(),
            aggregate_id: text(item, "aggregate")?.to_owned(),
            next_version: number(item, "version")?,
            attempts: u32::try_from(number(item, "attempts")?).ok()?,
            error: text(item, "error")?.to_owned(),
            next_attempt_at: Timestamp::from_unix_millis(i64::try_from(number(item, "at")?).ok()?)?,
            // The version of a dropped event may be left over from an earlier time when the aggregate was parked.
            dropped: number(item, "dropped") == number(item, "version"),
        })
    }

    pub(super) fn is(&self, event_store_id: &str, aggregate_id: &str) -> bool {
        self.event_store_id == event_store_id && self.aggregate_id == aggregate_id
    }
}

/// The maximum length of the result of `parked_key`, in bytes. DynamoDB limits sort keys to 1,024 bytes, which include
/// a prefix.
const MAX_KEY: usize = 1_000;

/// Returns the part of a sort key that identifies an aggregate. If the key is too long, its end is replaced by a hash.
pub(super) fn parked_key(event_store_id: &str, aggregate_id: &str) -> String {
    let key = format!("{event_store_id}#{aggregate_id}");
    if key.len() <= MAX_KEY {
        return key;
    }
    // The hash is FNV-1a with 128 bits. It must be the same in all versions of this crate.
    let hash = key.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    });
    let end = (0..=MAX_KEY - 40).rev().find(|end| key.is_char_boundary(*end)).unwrap_or(0);
    format!("{}#{hash:032x}", key.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_keys_are_cut_and_stay_distinct() {
        assert_eq!(parked_key("S", "a#b"), "S#a#b");
        let (one, other) =
            (parked_key("S", &format!("{}1", "é".repeat(900))), parked_key("S", &format!("{}2", "é".repeat(900))));
        assert_ne!(one, other);
        assert!(one.len() <= MAX_KEY && other.len() <= MAX_KEY);
    }
}
