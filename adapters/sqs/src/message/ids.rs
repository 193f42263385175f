//! The ids of messages in SQS.

use std::fmt::Write;

use castore_aws::MessageIdentity;
use castore_core::channel::PublishMessageOptions;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The maximum length of group ids and deduplication ids, in characters.
const LONGEST: usize = 128;

/// The kind of a publishing call. Each call that publishes replays or the events of forced pushes has its own id, so
/// that the deduplication ids differ from those of the messages that were published before.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Run {
    Live,
    Replay(Uuid),
    Forced(Uuid),
}

impl Run {
    pub(crate) fn new(options: PublishMessageOptions) -> Self {
        match options {
            PublishMessageOptions { replay: true, .. } => Self::Replay(Uuid::new_v4()),
            PublishMessageOptions { forced: true, .. } => Self::Forced(Uuid::new_v4()),
            _ => Self::Live,
        }
    }

    pub(crate) fn is_replay(self) -> bool {
        matches!(self, Self::Replay(_))
    }
}

/// The ids of a message in SQS.
pub(crate) trait SqsIds {
    /// Returns the value of the attribute `messageId`. As in the original package, an empty aggregate id and version 0
    /// are omitted.
    fn message_id(&self) -> String;

    /// Returns the id of the message group, which identifies the aggregate.
    fn group_id(&self) -> String;

    /// Returns the id by which SQS recognizes duplicates. The ids of replays and forced pushes contain the id of the
    /// run. The ids of messages without a version depend on the content.
    fn deduplication_id(&self, run: Run, body: &str) -> String;
}

impl SqsIds for MessageIdentity {
    fn message_id(&self) -> String {
        let mut id = self.event_store_id.clone();
        if !self.aggregate_id.is_empty() {
            id.push('#');
            id.push_str(&self.aggregate_id);
        }
        if let Some(version) = self.version.filter(|version| *version != 0) {
            // Writing to a `String` cannot fail.
            let _ = write!(id, "#{version}");
        }
        // SQS rejects messages with other characters in an attribute.
        if id.chars().all(is_carried) { id } else { hashed(&id) }
    }

    fn group_id(&self) -> String {
        legal(format!("{}#{}", self.event_store_id, self.aggregate_id))
    }

    fn deduplication_id(&self, run: Run, body: &str) -> String {
        let mut id = format!("{}#{}", self.event_store_id, self.aggregate_id);
        // Writing to a `String` cannot fail.
        let _ = match self.version {
            Some(version) => write!(id, "#{version}"),
            None => write!(id, "#{}", hashed(body)),
        };
        let _ = match run {
            Run::Live => Ok(()),
            Run::Replay(run) => write!(id, "#replay#{}", run.simple()),
            Run::Forced(run) => write!(id, "#force#{}", run.simple()),
        };
        legal(id)
    }
}

/// Returns the id if SQS accepts it, and its hash otherwise. SQS accepts ids of up to 128 ASCII letters, digits and
/// punctuation characters.
fn legal(id: String) -> String {
    if id.len() <= LONGEST && id.bytes().all(|byte| byte.is_ascii_graphic()) { id } else { hashed(&id) }
}

fn hashed(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Returns whether SQS accepts a character in bodies and attributes. SQS accepts the characters that XML 1.0 allows.
fn is_carried(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Escapes the characters in a JSON text that SQS does not accept. Such characters can occur only inside JSON strings.
pub(crate) fn carried(json: String) -> String {
    if json.chars().all(is_carried) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_carried(character) {
            escaped.push(character);
        } else {
            // Writing to a `String` cannot fail. The code points excluded from XML 1.0 have at most four digits.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(aggregate_id: &str, version: Option<u64>) -> MessageIdentity {
        let identity = MessageIdentity::new("POKEMONS", aggregate_id);
        match version {
            Some(version) => identity.with_event(version, "APPEARED"),
            None => identity,
        }
    }

    #[test]
    fn valid_ids_are_readable() {
        let about = about("pikachu", Some(3));
        assert_eq!(about.message_id(), "POKEMONS#pikachu#3");
        assert_eq!(about.group_id(), "POKEMONS#pikachu");
        assert_eq!(about.deduplication_id(Run::Live, "{}"), "POKEMONS#pikachu#3");
    }

    /// As in the TypeScript package, the attribute with the message id omits an empty aggregate id and version 0. The
    /// group id and the deduplication id keep these parts, because otherwise different messages would have the same id.
    #[test]
    fn empty_parts_are_omitted_from_the_attribute_only() {
        assert_eq!(about("", Some(1)).message_id(), "POKEMONS#1");
        assert_eq!(about("a", Some(0)).message_id(), "POKEMONS#a");
        assert_eq!(about("", None).message_id(), "POKEMONS");
        assert_eq!(about("", Some(1)).group_id(), "POKEMONS#");
        assert_eq!(about("", Some(1)).deduplication_id(Run::Live, "{}"), "POKEMONS##1");
    }

    #[test]
    fn replays_have_an_id_for_each_run() {
        let about = about("pikachu", Some(3));
        let new = || Run::new(PublishMessageOptions::default().replay(true));
        let (one, other) = (new(), new());
        let id = about.deduplication_id(one, "{}");
        assert!(id.starts_with("POKEMONS#pikachu#3#replay#") && id.len() > 40, "{id}");
        assert_eq!(id, about.deduplication_id(one, "{}"), "sent again within a run");
        assert_ne!(id, about.deduplication_id(other, "{}"));
    }

    #[test]
    fn events_pushed_by_force_have_an_id_for_each_run() {
        let about = about("pikachu", Some(3));
        let run = Run::new(PublishMessageOptions::default().forced(true));
        assert!(about.deduplication_id(run, "{}").starts_with("POKEMONS#pikachu#3#force#"));
        assert!(!run.is_replay());
    }

    #[test]
    fn messages_without_version_have_ids_of_their_content() {
        let about = about("pikachu", None);
        assert_eq!(about.deduplication_id(Run::Live, "{1}"), about.deduplication_id(Run::Live, "{1}"));
        assert_ne!(about.deduplication_id(Run::Live, "{1}"), about.deduplication_id(Run::Live, "{2}"));
    }

    #[test]
    fn ids_with_invalid_characters_are_hashed() {
        let long = "x".repeat(120);
        let ids = [about(&long, Some(3)), about("日本", Some(3)), about("a b", Some(3)), about("nul\0", Some(3))]
            .map(|about| [about.group_id(), about.deduplication_id(Run::Live, "{}")]);
        for id in ids.as_flattened() {
            assert_eq!(id.len(), 64, "{id}");
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        }
        assert_eq!(about(&"x".repeat(119), None).group_id().len(), 128);
        assert_eq!(about(&"x".repeat(120), None).group_id().len(), 64);
        assert_ne!(about(&long, Some(3)).group_id(), about(&format!("{long}x"), Some(3)).group_id());
        // The attribute accepts more characters than the ids, but not all.
        assert_eq!(about("日本 ", Some(3)).message_id(), "POKEMONS#日本 #3");
        assert_eq!(about("nul\0", Some(3)).message_id().len(), 64);
    }

    #[test]
    fn characters_that_sqs_refuses_are_escaped() {
        let json = serde_json::to_string("a\u{ffff}\u{fffe}\u{fffd}é🦀").unwrap();
        let escaped = carried(json.clone());
        assert!(escaped.chars().all(is_carried));
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), serde_json::from_str::<String>(&json).unwrap());
        assert_eq!(carried("\"plain\"".into()), "\"plain\"");
    }
}
