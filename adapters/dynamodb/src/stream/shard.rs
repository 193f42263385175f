/// A part of a stream. Each aggregate is in one shard at a time; when a shard is closed, its children go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Its id.
    pub id: String,
    /// The shard that it goes on from. It may be gone already.
    pub parent: Option<String>,
    /// Whether nothing is added to it any more.
    pub is_closed: bool,
}
