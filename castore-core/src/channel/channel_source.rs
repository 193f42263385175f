use crate::event_sourced::EventSourced;
use crate::hash;

/// An event store whose messages a channel carries.
#[derive(Debug, Clone, Copy)]
pub struct ChannelSource {
    type_name: &'static str,
    event_store_id: &'static str,
    state_is_no_object: Option<&'static str>,
    /// The check for equal ids runs in the compiler, and comparing hashes first keeps it fast for many stores.
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
            hash: hash::extend(hash::EMPTY, S::EVENT_STORE_ID.as_bytes()),
        }
    }

    /// Returns the id of the event store.
    pub const fn event_store_id(&self) -> &'static str {
        self.event_store_id
    }

    /// Returns the name of the domain type in the channel's declaration.
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }
}

/// Fails the build if the source at `index` has the same id as an earlier one, because their messages would be
/// indistinguishable.
#[doc(hidden)]
#[track_caller]
pub const fn assert_distinct_id(channel: &str, sources: &[ChannelSource], index: usize) {
    let source = &sources[index];
    let mut at = 0;
    while at < index {
        let earlier = &sources[at];
        if earlier.hash == source.hash && same(earlier.event_store_id.as_bytes(), source.event_store_id.as_bytes()) {
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
            // Evaluated at compile time, so the message is a compile error.
            #[allow(clippy::panic)]
            {
                panic!("{}", text.as_str());
            }
        }
        at += 1;
    }
}

/// Stops the build if the state of the source at `index` cannot be part of a message: an aggregate is one object in JSON, with its
/// id and version beside the entries of the state.
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
        // Evaluated by the compiler: the message is a compile error.
        #[allow(clippy::panic)]
        {
            panic!("{}", text.as_str());
        }
    }
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// A text that is built at compile time, where formatting is not available. Truncated if it is longer than any
/// sensible id.
struct Text {
    bytes: [u8; 1024],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self { bytes: [0; 1024], length: 0 }
    }

    const fn with(mut self, part: &str) -> Self {
        let part = part.as_bytes();
        if self.length + part.len() <= self.bytes.len() {
            let mut at = 0;
            while at < part.len() {
                self.bytes[self.length] = part[at];
                self.length += 1;
                at += 1;
            }
        }
        self
    }

    const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "a message channel cannot carry one of its event stores",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn source(type_name: &'static str, event_store_id: &'static str) -> ChannelSource {
        let hash = hash::extend(hash::EMPTY, event_store_id.as_bytes());
        ChannelSource { type_name, event_store_id, state_is_no_object: None, hash }
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
