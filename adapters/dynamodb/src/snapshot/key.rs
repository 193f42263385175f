//! Keys of snapshots. Snapshots with the same state shape and reducer version are sorted by version.

use castore_core::snapshot::SnapshotKey;

/// The maximum length of a partition key, in bytes.
const MAX_KEY: usize = 2048;

/// Returns the partition key of an aggregate: `<event store>#<aggregate>`, as in the event table, except that `#` and
/// `%` in the event store id are escaped. (The ids of event stores in DynamoDB contain no `#`, but the events may be
/// stored elsewhere.) Returns `None` if the key is too long.
pub(super) fn aggregate_key(event_store_id: &str, aggregate_id: &str) -> Option<String> {
    let key = format!("{}#{aggregate_id}", event_store_id.replace('%', "%25").replace('#', "%23"));
    (key.len() <= MAX_KEY).then_some(key)
}

/// Returns the sort key: state shape, reducer version and version, each padded to its maximum length.
pub(super) fn sort_key(key: &SnapshotKey, version: u64) -> String {
    format!("{:016x}#{:010}#{version:020}", key.state_shape, key.reducer_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(state_shape: u64, reducer_version: u32) -> SnapshotKey {
        SnapshotKey { event_store_id: "S", aggregate_id: "a".to_owned(), state_shape, reducer_version }
    }

    #[test]
    fn aggregates_have_keys_of_their_own() {
        assert_eq!(aggregate_key("POKEMONS", "a#b").as_deref(), Some("POKEMONS#a#b"));
        assert_ne!(aggregate_key("A#B", "c"), aggregate_key("A", "B#c"));
        assert_ne!(aggregate_key("A%23B", "c"), aggregate_key("A#B", "c"));
        assert!(aggregate_key("A", &"x".repeat(2046)).is_some());
        assert_eq!(aggregate_key("A", &"x".repeat(2047)), None);
    }

    #[test]
    fn versions_sort_as_numbers_and_kinds_do_not_mix() {
        let of = |version| sort_key(&key(1, 1), version);
        assert!(of(0) < of(9) && of(9) < of(10) && of(10) < of(u64::MAX));
        for other in [key(0, u32::MAX), key(2, 0), key(1, 0), key(1, 2), key(u64::MAX, 1)] {
            let other = sort_key(&other, 5);
            assert!(other < of(0) || other > of(u64::MAX), "{other}");
        }
    }
}
