use std::collections::HashSet;

use super::{HeldBackError, MessageChannelAdapter, PublishError, PublishMessageOptions, RejectedMessage};
use crate::message::{ChannelMessage, RawNotification, about_event};

/// Decodes notifications and publishes them. One that cannot be decoded is refused for good, and the later ones of its
/// aggregate are held back.
pub(super) async fn publish_decoded<M: ChannelMessage, A: MessageChannelAdapter<M> + ?Sized>(
    adapter: &A,
    notifications: Vec<RawNotification>,
    options: PublishMessageOptions,
) -> Result<(), PublishError> {
    let published = notifications.len();
    let mut messages = Vec::with_capacity(published);
    // Where each message stands in the call; left empty while nothing is refused.
    let mut indexes: Option<Vec<usize>> = None;
    let mut rejected = Vec::new();
    let mut held = HashSet::new();
    for (index, raw) in notifications.iter().enumerate() {
        let aggregate = (&*raw.event_store_id, raw.event.aggregate_id.as_str());
        if held.contains(&aggregate) {
            rejected.push(RejectedMessage { index, permanent: false, reason: Box::new(HeldBackError) });
            continue;
        }
        match about_event::<M>(&raw.event_store_id, raw.event.as_ref()) {
            Ok(message) => {
                messages.push(message);
                if let Some(indexes) = &mut indexes {
                    indexes.push(index);
                }
            }
            Err(error) => {
                indexes.get_or_insert_with(|| (0..index).collect());
                held.insert(aggregate);
                rejected.push(RejectedMessage { index, permanent: true, reason: Box::new(error) });
            }
        }
    }
    match adapter.publish_messages(messages, options).await {
        Ok(()) => {}
        Err(PublishError::Rejected { rejected: refused, .. }) => {
            for refused in refused {
                let index = match &indexes {
                    Some(indexes) => indexes.get(refused.index).copied(),
                    None => Some(refused.index).filter(|index| *index < published),
                };
                let Some(index) = index else {
                    return Err(PublishError::Broker("the adapter refused a message that it was not given".into()));
                };
                rejected.push(RejectedMessage { index, ..refused });
            }
            rejected.sort_by_key(|refused| refused.index);
        }
        Err(error) => return Err(error),
    }
    if rejected.is_empty() { Ok(()) } else { Err(PublishError::Rejected { published, rejected }) }
}
