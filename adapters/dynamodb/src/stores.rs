use castore_core::channel::{MessageChannel, Publisher, Registration};
use castore_relay::engine::PublishableStore;

use crate::DynamoDbRelayError;

/// Returns the ids of the event stores, and registers a relay as their publisher on the channel.
///
/// # Errors
/// [`DynamoDbRelayError::NoEventStore`], [`DynamoDbRelayError::SameEventStoreTwice`] or
/// [`DynamoDbRelayError::TwoPublishers`].
pub(crate) fn register<C: MessageChannel>(
    channel: &C,
    stores: &[PublishableStore<C>],
) -> Result<(Vec<&'static str>, Registration), DynamoDbRelayError> {
    let ids: Vec<_> = stores.iter().map(|store| store.event_store_id).collect();
    if ids.is_empty() {
        return Err(DynamoDbRelayError::NoEventStore { message_channel_id: C::ID });
    }
    for (at, id) in ids.iter().enumerate() {
        if ids.iter().take(at).any(|before| before == id) {
            return Err(DynamoDbRelayError::SameEventStoreTwice { message_channel_id: C::ID, event_store_id: id });
        }
    }
    let registration = channel.__core().register(ids.clone(), Publisher::Relay);
    registration.check(C::ID)?;
    Ok((ids, registration))
}
