use super::LogEntry;
use crate::channel::{ChannelSource, MessageChannel};
use crate::event::{DecodeEventError, EventDetail, decode};
use crate::event_sourced::EventSourced;
use crate::message::{ChannelMessage, MessageEnum, Notification, about_event};

/// A type into which events of a log can be decoded: [`EventDetail<S>`](EventDetail) for the events of one event store,
/// or the message enum of a notification channel for the events of all sources of the channel.
#[diagnostic::on_unimplemented(
    message = "events of a log cannot be read as `{Self}`",
    label = "not an event",
    note = "use `EventDetail<…>` for one event store, or the message enum of a notification channel for several event stores"
)]
pub trait Logged: Sized + Send + Sync + 'static {
    /// The event stores whose events can be read as this type, for `wiring!`.
    #[doc(hidden)]
    const SOURCES: &'static [ChannelSource] = &[];

    /// Returns the ids of the event stores whose events can be read as this type.
    fn event_store_ids() -> Vec<&'static str> {
        Self::SOURCES.iter().map(ChannelSource::event_store_id).collect()
    }

    /// Decodes an event.
    ///
    /// # Errors
    /// [`DecodeEventError`] if the event belongs to another event store, if its type is unknown, or if its content does
    /// not match the type.
    fn from_log(entry: &LogEntry) -> Result<Self, DecodeEventError>;
}

impl<S: EventSourced> Logged for EventDetail<S> {
    const SOURCES: &'static [ChannelSource] = &[ChannelSource::new::<S>(S::DESCRIPTION.name())];

    fn from_log(entry: &LogEntry) -> Result<Self, DecodeEventError> {
        if &*entry.event_store_id != S::EVENT_STORE_ID {
            return Err(DecodeEventError::other_event_store(&entry.event_store_id, entry.event.as_ref()));
        }
        decode(entry.event.as_ref())
    }
}

/// A notification channel. Its messages contain only an event, so they can be created from logged events.
#[diagnostic::on_unimplemented(
    message = "events of a log cannot be read as messages of `{Self}`: the channel does not carry notifications",
    label = "not the messages of a notification channel",
    note = "use the message enum of a notification channel, or `EventDetail<…>` for one event store"
)]
pub trait CarriesNotifications: MessageChannel {}

#[diagnostic::do_not_recommend]
impl<C: MessageChannel<Kind = Notification>> CarriesNotifications for C {}

impl<M> Logged for M
where
    M: ChannelMessage + MessageEnum<Channel: CarriesNotifications + MessageChannel<Message = M>>,
{
    const SOURCES: &'static [ChannelSource] = M::Channel::SOURCES;

    fn from_log(entry: &LogEntry) -> Result<Self, DecodeEventError> {
        about_event(&entry.event_store_id, entry.event.as_ref())
    }
}
