use super::channel_message::{ChannelMessage, SourceVisitor};
use super::fields::MessageBody;
use crate::event::DecodeEventError;
use crate::storage::RawEventRef;

/// A visitor that decodes an event as a message of its store.
struct Read<'a>(RawEventRef<'a>);

impl<M> SourceVisitor<M> for Read<'_> {
    type Output = Option<Result<M, DecodeEventError>>;

    fn visit<B: MessageBody>(self) -> Self::Output
    where
        M: From<B>,
    {
        B::about_event(self.0).map(|message| message.map(M::from))
    }
}

/// Returns the message about a stored event, for a channel whose messages contain only the event.
///
/// # Errors
/// [`DecodeEventError`] if the event belongs to another store, or if it cannot be decoded.
pub fn about_event<M: ChannelMessage>(event_store_id: &str, event: RawEventRef<'_>) -> Result<M, DecodeEventError> {
    M::with_source(event_store_id, Read(event))
        .flatten()
        .unwrap_or_else(|| Err(DecodeEventError::other_event_store(event_store_id, event)))
}
