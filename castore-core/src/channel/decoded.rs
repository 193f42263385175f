use std::cmp::Reverse;
use std::collections::HashSet;

use super::{MessageChannelAdapter, OrderedPublish, PublishError, PublishMessageOptions};
use crate::message::{ChannelMessage, StoredMessage};

/// Decodes messages about stored events and publishes them. A notification that cannot be decoded is rejected
/// permanently, and the later notifications of the same aggregate are held back.
pub(super) async fn publish_decoded<M: ChannelMessage, A: MessageChannelAdapter<M> + ?Sized>(
    adapter: &A,
    stored: Vec<StoredMessage<M>>,
    options: PublishMessageOptions,
) -> Result<(), PublishError> {
    let aggregate_of = |stored: &StoredMessage<M>| (stored.event_store_id.clone(), stored.event.aggregate_id.clone());
    let mut ledger = OrderedPublish::new(stored.iter().map(aggregate_of));
    let mut messages = Vec::with_capacity(stored.len());
    // For each entry of `messages`, the index of the stored message from which it was decoded.
    let mut indexes = Vec::with_capacity(stored.len());
    for (index, stored) in stored.into_iter().enumerate() {
        if !ledger.may_send(index) {
            continue;
        }
        match stored.into_message() {
            Ok(message) => {
                messages.push(message);
                indexes.push(index);
            }
            Err(error) => ledger.reject(index, true, error),
        }
    }
    match adapter.publish_messages(messages, options).await {
        Ok(()) => indexes.into_iter().for_each(|index| _ = ledger.published(index)),
        Err(PublishError::Rejected { mut rejected, .. }) if !rejected.is_empty() => {
            if rejected.iter().any(|rejected| rejected.index >= indexes.len()) {
                let bug = "the adapter rejected a message that is not part of the call; this is a bug in the adapter";
                return Err(PublishError::Broker(bug.into()));
            }
            let named: HashSet<_> = rejected.iter().map(|rejected| rejected.index).collect();
            for (place, index) in indexes.iter().enumerate() {
                if !named.contains(&place) {
                    ledger.published(*index);
                }
            }
            // The last rejection is recorded first, because a rejection holds back the later messages of its aggregate.
            // In this order, each message that the adapter rejected keeps the reason from the adapter.
            rejected.sort_by_key(|rejected| Reverse(rejected.index));
            for rejected in rejected {
                if let Some(index) = indexes.get(rejected.index) {
                    ledger.reject(*index, rejected.permanent, rejected.reason);
                }
            }
        }
        Err(error) => ledger.failed(error),
    }
    ledger.finish()
}
