/// A part of a stream. At any time, the events of an aggregate are written to one shard. When a shard is closed, its
/// child shards continue it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// The id of the shard.
    pub id: String,
    /// The id of the parent, which is the shard that this shard continues. The parent may have expired already.
    pub parent: Option<String>,
    /// Whether the shard is closed, which means that no more records are added to it.
    pub is_closed: bool,
}
