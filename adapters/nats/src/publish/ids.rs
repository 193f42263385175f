use castore_core::channel::PublishMessageOptions;
use sha2::{Digest, Sha256};

/// The longest id that is not hashed.
const LONGEST: usize = 128;

/// Returns the id by which JetStream recognizes duplicates. `published` returns an id that is unique to this
/// publication: the id of the publishing call and the index of the message in the call.
///
/// A message with a version may be sent again, for example by a relay, and is then dropped as a duplicate. Replays,
/// events of forced pushes and messages without a version get a different id each time, because programs publish them
/// again deliberately.
pub(super) fn message_id(
    event_store_id: &str,
    aggregate_id: &str,
    version: Option<u64>,
    options: &PublishMessageOptions,
    published: impl FnOnce() -> String,
) -> String {
    let last = match (version, options.replay) {
        // The event replaces another event with the same version, which may have been published within the duplicate
        // window.
        (Some(version), false) if options.forced => format!("{version}#force#{}", published()),
        (Some(version), false) => version.to_string(),
        (Some(version), true) => format!("{version}#replay#{}", published()),
        (None, false) => format!("exists#{}", published()),
        (None, true) => format!("replay#{}", published()),
    };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let length = event_store_id.len() + aggregate_id.len() + last.len() + 2;
    if length <= LONGEST && plain(event_store_id) && plain(aggregate_id) {
        return format!("{event_store_id}#{aggregate_id}#{last}");
    }
    // The length of each part is included, so that different parts cannot give the same hash input.
    let mut hash = Sha256::new();
    for part in [event_store_id, aggregate_id, &last] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digits = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("sha256#{digits}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn live(store: &str, aggregate: &str, version: u64) -> String {
        message_id(store, aggregate, Some(version), &PublishMessageOptions::default(), || {
            unreachable!("not for live messages")
        })
    }

    #[test]
    fn plain_ids_are_readable() {
        assert_eq!(live("ORDERS", "order-1", 7), "ORDERS#order-1#7");
        let id = |version, replay, forced| {
            message_id(
                "ORDERS",
                "order-1",
                version,
                &PublishMessageOptions::default().replay(replay).forced(forced),
                || "run-3".to_owned(),
            )
        };
        assert_eq!(id(Some(7), true, false), "ORDERS#order-1#7#replay#run-3");
        assert_eq!(id(Some(7), false, true), "ORDERS#order-1#7#force#run-3");
        assert_eq!(id(None, false, false), "ORDERS#order-1#exists#run-3");
        assert_eq!(id(None, true, false), "ORDERS#order-1#replay#run-3");
    }

    #[test]
    fn ids_that_are_long_or_unusual_are_hashed() {
        for aggregate in ["a#1", "日本語", "a b", "a\r\nb", &"x".repeat(200)] {
            let id = live("ORDERS", aggregate, 1);
            assert!(id.starts_with("sha256#") && id.len() == 7 + 64, "{id}");
        }
        assert_ne!(live("A#B", "C", 1), live("A", "B#C", 1));
    }

    proptest! {
        #[test]
        fn different_messages_have_different_ids(
            one in ("[aA#~é]{0,3}", "[aA#1]{0,4}", 0_u64..12),
            other in ("[aA#~é]{0,3}", "[aA#1]{0,4}", 0_u64..12),
        ) {
            let id = |(store, aggregate, version): &(String, String, u64)| live(store, aggregate, *version);
            prop_assert_eq!(one == other, id(&one) == id(&other));
            prop_assert!(id(&one).bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
