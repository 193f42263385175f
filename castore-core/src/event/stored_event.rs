use std::fmt;
use std::ops::Deref;

use super::decode::decode;
use super::decode_error::DecodeEventError;
use super::detail::EventDetail;
use super::new_event::NewEvent;
use crate::event_sourced::{EventSourced, GivenMetadata};
use crate::storage::RawEvent;

/// An event that was read from the storage, together with its stored JSON. `StoredEvent` dereferences to the
/// [`EventDetail`].
///
/// The JSON may have fields that the types of this program do not declare, because a newer version of the program or a
/// program in another language wrote them. To replace such an event without losing these fields, convert it to a
/// [`NewEvent`], change the new event, and push the new event with `force`. Unchanged parts are stored with the same
/// text as before. Undeclared fields are kept, even inside changed objects, and inside changed lists whose length stays
/// the same. If the payload gets another shape, because the event is changed to another type or because the stored type
/// is retired, the payload is stored without undeclared fields.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # async fn rename(pokemons: &EventStore<Pokemon>) -> Result<(), Box<dyn std::error::Error>> {
/// for stored in pokemons.get_events("pikachu1").with_raw().await? {
///     let mut event = NewEvent::from(stored);
///     if let PokemonEvent::Appeared { name, .. } = &mut event.payload {
///         *name = name.to_uppercase();
///         pokemons.push_event(event).force(true).await?;
///     }
/// }
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
pub struct StoredEvent<S: EventSourced> {
    event: EventDetail<S>,
    raw: RawEvent,
}

impl<S: EventSourced> StoredEvent<S> {
    /// Decodes a stored event.
    ///
    /// # Errors
    /// [`DecodeEventError`] if the event does not match the types of the event store, for example because its type is
    /// unknown or its JSON does not have the declared shape.
    pub fn decode(raw: RawEvent) -> Result<Self, DecodeEventError> {
        Ok(Self { event: decode(raw.as_ref())?, raw })
    }

    /// Returns the event as it is stored.
    pub fn raw(&self) -> &RawEvent {
        &self.raw
    }

    /// Returns the decoded event and the event as it is stored.
    pub fn into_parts(self) -> (EventDetail<S>, RawEvent) {
        (self.event, self.raw)
    }
}

impl<S: EventSourced> Deref for StoredEvent<S> {
    type Target = EventDetail<S>;

    fn deref(&self) -> &EventDetail<S> {
        &self.event
    }
}

/// Converts a stored event into an event that can be pushed again, to another storage or with `force`. The new event
/// keeps the timestamp, the metadata, the context and, as described at [`StoredEvent`], the undeclared fields.
impl<S: EventSourced> From<StoredEvent<S>> for NewEvent<S, GivenMetadata<S>> {
    fn from(stored: StoredEvent<S>) -> Self {
        NewEvent { __stored: Some(Box::new(stored.clone())), ..NewEvent::from(stored.event) }
    }
}

impl<S: EventSourced> Clone for StoredEvent<S> {
    fn clone(&self) -> Self {
        Self { event: self.event.clone(), raw: self.raw.clone() }
    }
}

impl<S: EventSourced> fmt::Debug for StoredEvent<S> {
    /// Omits payload and metadata, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StoredEvent").field("event", &self.event).finish_non_exhaustive()
    }
}
