use crate::const_text::{Text, hash, same};
use crate::event_sourced::EventSourced;

/// An event store whose messages a channel carries.
#[derive(Debug, Clone, Copy)]
pub struct ChannelSource {
    type_name: &'static str,
    event_store_id: &'static str,
    state_is_no_object: Option<&'static str>,
    /// The hash of the id. The check for equal ids runs in the compiler, and compares hashes first to stay fast for
    /// many stores.
    hash: u64,
}

impl ChannelSource {
    /// Creates a source. Called by generated code.
    #[doc(hidden)]
    pub const fn new<S: EventSourced>(type_name: &'static str) -> Self {
        Self {
            type_name,
            event_store_id: S::EVENT_STORE_ID,
            state_is_no_object: S::STATE_IS_NO_OBJECT,
            hash: hash(S::EVENT_STORE_ID),
        }
    }

    /// Returns the id of the event store.
    pub const fn event_store_id(&self) -> &'static str {
        self.event_store_id
    }

    /// Returns the hash of the id.
    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    /// Returns the name of the domain type in the channel's declaration.
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }
}

/// Fails the build if the source at `index` has the same id as an earlier source, because the messages of the two
/// sources would be indistinguishable.
#[doc(hidden)]
#[track_caller]
pub const fn assert_distinct_id(channel: &str, sources: &[ChannelSource], index: usize) {
    let source = &sources[index];
    let mut at = 0;
    while at < index {
        let earlier = &sources[at];
        if earlier.hash == source.hash && same(earlier.event_store_id, source.event_store_id) {
            let text = Text::new()
                .with("event stores `")
                .with(earlier.type_name)
                .with("` and `")
                .with(source.type_name)
                .with("` of message channel `")
                .with(channel)
                .with("` share the id \"")
                .with(source.event_store_id)
                .with(
                    "\"; give one of them another id in `#[event_store(id = …)]`, or list it once if they are one type",
                );
            text.fail();
        }
        at += 1;
    }
}

/// Fails the build if the state of the source at `index` cannot be part of a message. In JSON, an aggregate is one
/// object that contains its id, its version and the entries of the state, so the state must be an object, too.
#[doc(hidden)]
#[track_caller]
pub const fn assert_state_is_object(channel: &str, sources: &[ChannelSource], index: usize) {
    let source = &sources[index];
    if let Some(reason) = source.state_is_no_object {
        let text = Text::new()
            .with("state-carrying message channel `")
            .with(channel)
            .with("` cannot carry the state `")
            .with(source.type_name)
            .with("`, which must be a JSON object: ")
            .with(reason)
            .with(
                "; use a struct with named fields, or an enum with `#[serde(tag = \"…\")]`, or a notification channel",
            );
        text.fail();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn source(type_name: &'static str, event_store_id: &'static str) -> ChannelSource {
        ChannelSource { type_name, event_store_id, state_is_no_object: None, hash: hash(event_store_id) }
    }

    #[test]
    fn distinct_ids_pass() {
        assert_distinct_id("AppBus", &[source("A", "A"), source("B", "B")], 1);
    }

    #[test]
    #[should_panic(expected = "event stores `A` and `B` of message channel `AppBus` share the id \"X\"")]
    fn error_names_both_stores_and_the_id() {
        assert_distinct_id("AppBus", &[source("A", "X"), source("B", "X")], 1);
    }
}
