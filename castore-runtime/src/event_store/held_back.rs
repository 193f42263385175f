use std::collections::HashSet;

/// The aggregates with an unpublished event in the current group, for each channel that keeps the order. Later events
/// of such an aggregate in the group are not published on the channel either, because publishing them would break the
/// order.
#[derive(Debug, Default)]
pub(super) struct HeldBack(HashSet<(&'static str, &'static str, String)>);

impl HeldBack {
    pub(super) fn add(&mut self, message_channel_id: &'static str, event_store_id: &'static str, aggregate_id: &str) {
        self.0.insert((message_channel_id, event_store_id, aggregate_id.to_owned()));
    }

    pub(super) fn contains(
        &self,
        message_channel_id: &'static str,
        event_store_id: &'static str,
        aggregate_id: &str,
    ) -> bool {
        !self.0.is_empty() && self.0.contains(&(message_channel_id, event_store_id, aggregate_id.to_owned()))
    }
}
