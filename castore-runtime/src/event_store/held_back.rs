use std::collections::HashSet;

/// The aggregates with an unpublished event in a group, for each channel that keeps their order. The later events of
/// these aggregates in the group are not published on that channel either, because that would break the order.
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
