/// A filter as data, for adapters of brokers that can filter messages (with rule patterns or subjects). Adapters derive
/// the broker's filter from the patterns, so that no second filter has to be maintained at the broker.
///
/// A [`Filter`](crate::consumer::Filter) corresponds to a list of patterns
/// ([`ChannelFilter::patterns`](crate::consumer::ChannelFilter::patterns)). A message that passes the filter also
/// passes at least one of the patterns. Further messages may pass the patterns, so the consumer checks the filter
/// again. If the list is empty, no messages pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FilterPattern {
    /// The event store whose messages pass, or `None` for all event stores.
    pub event_store_id: Option<&'static str>,
    /// The event types that pass, or `None` for all. With an empty list, no messages pass. This field is set only
    /// together with `event_store_id`.
    pub event_types: Option<Vec<&'static str>>,
    /// Whether replayed messages pass, too.
    pub on_replay: bool,
}

impl FilterPattern {
    /// Returns a pattern for all live messages.
    pub fn all() -> Self {
        Self { event_store_id: None, event_types: None, on_replay: false }
    }

    /// Returns a pattern for all live messages of one event store.
    pub fn event_store(event_store_id: &'static str) -> Self {
        Self { event_store_id: Some(event_store_id), ..Self::all() }
    }

    /// Restricts the pattern to events of these types.
    #[must_use]
    pub fn event_types(self, event_types: impl IntoIterator<Item = &'static str>) -> Self {
        Self { event_types: Some(event_types.into_iter().collect()), ..self }
    }

    /// Sets whether replayed messages pass, too. Defaults to `false`.
    #[must_use]
    pub fn on_replay(self, on_replay: bool) -> Self {
        Self { on_replay, ..self }
    }
}
