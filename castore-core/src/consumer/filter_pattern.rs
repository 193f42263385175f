/// What a filter lets pass, as data: for adapters that have their broker filter (rule patterns, subjects), so that what is
/// deployed and what the program expects cannot drift apart.
///
/// A [`Filter`](crate::consumer::Filter) is a list of these ([`ChannelFilter::patterns`](crate::consumer::ChannelFilter::patterns)), of which a
/// message must pass any one; an empty list lets none pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FilterPattern {
    /// Only messages of this event store; `None`: of all.
    pub event_store_id: Option<&'static str>,
    /// Only events of these types; `None`: of all, and an empty list: of none. Only beside an event store.
    pub event_types: Option<Vec<&'static str>>,
    /// Whether replayed messages pass, too.
    pub on_replay: bool,
}

impl FilterPattern {
    /// All live messages.
    pub fn all() -> Self {
        Self { event_store_id: None, event_types: None, on_replay: false }
    }

    /// All live messages of one event store.
    pub fn event_store(event_store_id: &'static str) -> Self {
        Self { event_store_id: Some(event_store_id), ..Self::all() }
    }

    /// Only events of these types.
    #[must_use]
    pub fn event_types(self, event_types: impl IntoIterator<Item = &'static str>) -> Self {
        Self { event_types: Some(event_types.into_iter().collect()), ..self }
    }

    /// Whether replayed messages pass, too.
    #[must_use]
    pub fn on_replay(self, on_replay: bool) -> Self {
        Self { on_replay, ..self }
    }
}
