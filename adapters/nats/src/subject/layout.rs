use super::token::encode;

/// The longest subject that is published. It has its place in the headers of a dead letter, too.
pub(crate) const MAX_SUBJECT_LEN: usize = 512;

/// The type of messages that carry no event. No event type is encoded like this.
const EXISTS: &str = "~exists";

/// How the subjects of a channel are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) prefix: String,
    /// How many partitions there are, where order is kept.
    pub(crate) partitions: Option<u32>,
}

impl Layout {
    /// The subject of a message.
    pub(crate) fn subject(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        event_type: Option<&str>,
        replay: bool,
    ) -> String {
        let event_type = event_type.map_or_else(|| EXISTS.to_owned(), encode);
        let partition = self.partitions.map(|partitions| partition_of(event_store_id, aggregate_id, partitions));
        self.join(&encode(event_store_id), &event_type, if replay { "replay" } else { "live" }, partition)
    }

    /// What all subjects of the channel match, or those of one partition, and nothing else.
    pub(crate) fn all(&self, partition: Option<u32>) -> String {
        self.join("*", "*", "*", partition)
    }

    /// What the subjects of one store, one event type and either replays or live messages match. `None` is any.
    pub(super) fn pattern(
        &self,
        event_store_id: Option<&str>,
        event_type: Option<&str>,
        replay: Option<bool>,
        partition: Option<u32>,
    ) -> String {
        let token = |text: Option<&str>| text.map_or_else(|| "*".to_owned(), encode);
        let replay = match replay {
            None => "*",
            Some(false) => "live",
            Some(true) => "replay",
        };
        self.join(&token(event_store_id), &token(event_type), replay, partition)
    }

    /// A subject that no message has: for a filter that nothing passes, since a consumer without filter gets all.
    pub(super) fn none(&self, partition: Option<u32>) -> String {
        self.join("~none", "~none", "live", partition)
    }

    fn join(&self, event_store_id: &str, event_type: &str, replay: &str, partition: Option<u32>) -> String {
        let prefix = &self.prefix;
        match (self.partitions, partition) {
            (None, _) => format!("{prefix}.{event_store_id}.{event_type}.{replay}"),
            (Some(_), Some(partition)) => format!("{prefix}.{event_store_id}.{event_type}.{replay}.{partition}"),
            (Some(_), None) => format!("{prefix}.{event_store_id}.{event_type}.{replay}.*"),
        }
    }

    /// Where the dead letters of all consumers go. It has fewer tokens than any subject of a message.
    pub(crate) fn dead_letters(&self) -> String {
        self.dead_letters_of("*")
    }

    /// Where the dead letters of a consumer go.
    pub(crate) fn dead_letters_of(&self, durable_name: &str) -> String {
        format!("{}.dead.{durable_name}", self.prefix)
    }

    /// The partitions, each for a consumer of its own; `None` alone where there are none.
    pub(crate) fn lanes(&self) -> Vec<Option<u32>> {
        match self.partitions {
            None => vec![None],
            Some(partitions) => (0..partitions).map(Some).collect(),
        }
    }
}

/// Which partition an aggregate is in: FNV-1a of store and aggregate, folded. Publishers of all versions have to agree on
/// it, so it never changes.
fn partition_of(event_store_id: &str, aggregate_id: &str, partitions: u32) -> u32 {
    // No byte of UTF-8 is 0xff.
    let bytes = event_store_id.bytes().chain([0xff]).chain(aggregate_id.bytes());
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let folded = (hash ^ (hash >> 32)) & u64::from(u32::MAX);
    // Smaller than `partitions`.
    (folded % u64::from(partitions.max(1))) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(partitions: Option<u32>) -> Layout {
        Layout { prefix: "shop".to_owned(), partitions }
    }

    #[test]
    fn subjects_tell_store_type_replay_and_partition() {
        assert_eq!(layout(None).subject("ORDERS", "1", Some("PLACED"), false), "shop.ORDERS.PLACED.live");
        assert_eq!(layout(None).subject("OR.DERS", "1", None, true), "shop.OR%2EDERS.~exists.replay");
        assert_eq!(layout(Some(1)).subject("ORDERS", "1", Some("PLACED"), false), "shop.ORDERS.PLACED.live.0");
    }

    /// Other publishers of the same stream reckon on it.
    #[test]
    fn partitions_never_change() {
        let partitions = ["1", "2", "3", "4", "x", "日本語", ""].map(|id| partition_of("ORDERS", id, 16));
        assert_eq!(partitions, [6, 15, 0, 9, 13, 9, 0]);
        assert_ne!(partition_of("AB", "C", 1 << 20), partition_of("A", "BC", 1 << 20));
    }

    #[test]
    fn partitions_are_used_alike() {
        let mut counts = [0_u32; 16];
        for aggregate in 0..16_000 {
            counts[partition_of("ORDERS", &format!("order-{aggregate}"), 16) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{counts:?}");
    }
}
