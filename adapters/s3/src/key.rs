//! The keys of stored messages.

use std::fmt::Write;

use castore_core::channel::ClaimedMessage;
use sha2::{Digest, Sha256};

/// The maximum length of each readable part of a key. S3 accepts keys of up to 1024 bytes.
const READABLE: usize = 240;

/// Returns the key of a message. Equal messages have equal keys, and different messages different keys.
pub(crate) fn key(prefix: &str, message: ClaimedMessage<'_>, json: &str) -> String {
    let mut key = prefix.to_owned();
    for id in [message.event_store_id, message.aggregate_id] {
        readable(&mut key, id);
        key.push('/');
    }
    // Writing to a `String` cannot fail.
    let _ = match message.version {
        Some(version) => write!(key, "{version}-"),
        None => write!(key, "exists-"),
    };
    // The content contains the ids, too, so that keys whose readable parts were truncated still differ.
    for byte in Sha256::digest(json.as_bytes()) {
        let _ = write!(key, "{byte:02x}");
    }
    key.push_str(".json");
    key
}

/// Appends an id to the key, using only characters that need no escaping in keys, URLs and file names.
fn readable(key: &mut String, id: &str) {
    let start = key.len();
    for byte in id.bytes() {
        if key.len() - start > READABLE - 3 {
            break;
        }
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
            key.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(key, "!{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(event_store_id: &str, aggregate_id: &str, version: Option<u64>, json: &str) -> String {
        key("p/", ClaimedMessage::new(event_store_id, aggregate_id, version), json)
    }

    #[test]
    fn keys_are_readable() {
        let hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(of("POKEMONS", "pikachu-1", Some(3), "{}"), format!("p/POKEMONS/pikachu-1/3-{hash}.json"));
        assert_eq!(of("POKEMONS", "", None, "{}"), format!("p/POKEMONS//exists-{hash}.json"));
    }

    #[test]
    fn keys_need_no_escapes() {
        let key = of("a/b", "../#? é🦀!%+&=\0", Some(1), "{}");
        assert!(key.starts_with("p/a!2Fb/!2E!2E!2F!23!3F!20!C3!A9!F0!9F!A6!80!21!25!2B!26!3D!00/1-"), "{key}");
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!-_/.".contains(&byte)), "{key}");
    }

    #[test]
    fn long_ids_are_truncated_and_stay_distinct() {
        let long = "é".repeat(2_000);
        let key = of(&long, &long, Some(u64::MAX), "{\"a\":1}");
        assert!(key.len() < 640, "{}", key.len());
        assert_ne!(key, of(&long, &long, Some(u64::MAX), "{\"a\":2}"));
        assert_eq!(key, of(&long, &long, Some(u64::MAX), "{\"a\":1}"));
    }
}
