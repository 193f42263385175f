use super::token::encode;

/// The maximum length of subjects. Subjects must also fit into the headers of a dead letter.
pub(crate) const MAX_SUBJECT_LEN: usize = 512;

/// The token for the event type of messages without an event. No event type has this token.
const EXISTS: &str = "~exists";

/// The layout of the subjects of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) prefix: String,
    /// The number of partitions, for ordered channels.
    pub(crate) partitions: Option<u32>,
}

impl Layout {
    /// Returns the subject of a message.
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

    /// Returns a pattern that matches exactly the subjects of the channel, or those of one partition.
    pub(crate) fn all(&self, partition: Option<u32>) -> String {
        self.join("*", "*", "*", partition)
    }

    /// Returns a pattern for the subjects of an event store, an event type, and replays or live messages. `None`
    /// matches any.
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

    /// Returns a subject that no message has. Filters that pass nothing use this subject, because a consumer without a
    /// filter receives all messages.
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

    /// Returns the pattern of all dead letters. The pattern has fewer tokens than the subject of any message, so it
    /// matches no message.
    pub(crate) fn dead_letters(&self) -> String {
        self.dead_letters_of("*")
    }

    /// Returns the subject of the dead letters of a consumer.
    pub(crate) fn dead_letters_of(&self, durable_name: &str) -> String {
        format!("{}.dead.{durable_name}", self.prefix)
    }

    /// Returns the partitions, or a single `None` for unordered channels. Each of these values has its own durable
    /// consumer.
    pub(crate) fn lanes(&self) -> Vec<Option<u32>> {
        match self.partitions {
            None => vec![None],
            Some(partitions) => (0..partitions).map(Some).collect(),
        }
    }
}

/// Returns the partition of an aggregate, computed from the FNV-1a hash of the event store id and the aggregate id. All
/// publishers, of all versions of this crate, must compute the same partition, so this function must never change.
fn partition_of(event_store_id: &str, aggregate_id: &str, partitions: u32) -> u32 {
    // The byte 0xff does not occur in UTF-8.
    let bytes = event_store_id.bytes().chain([0xff]).chain(aggregate_id.bytes());
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let folded = (hash ^ (hash >> 32)) & u64::from(u32::MAX);
    // The result is less than `partitions`.
    (folded % u64::from(partitions.max(1))) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(partitions: Option<u32>) -> Layout {
        Layout { prefix: "shop".to_owned(), partitions }
    }

    #[test]
    fn subjects_contain_store_type_replay_and_partition() {
        assert_eq!(layout(None).subject("ORDERS", "1", Some("PLACED"), false), "shop.ORDERS.PLACED.live");
        assert_eq!(layout(None).subject("OR.DERS", "1", None, true), "shop.OR%2EDERS.~exists.replay");
        assert_eq!(layout(Some(1)).subject("ORDERS", "1", Some("PLACED"), false), "shop.ORDERS.PLACED.live.0");
    }

    /// Other publishers of the same stream rely on these values.
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
