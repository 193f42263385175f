use std::marker::PhantomData;

use serde::de::{Deserializer, Error, VariantAccess as _};

use super::unknown_event::UnknownEvent;
use super::upcast::{ConversionFailed, RetiredPayload};
use crate::event::event_type::{Event, EventType, unknown_event_type};
use crate::event::tagged::{Content, TaggedEvent};

/// Reads an event from its payload and the stored name of its type.
///
/// For enums without retired types and without `#[event(other)]`, `READS_OTHERS` is the constant `false`, so that the
/// compiler removes the check for other types.
pub(crate) fn read_event<'de, E: Event, D: Deserializer<'de>>(
    event_type: &str,
    payload: Option<D>,
) -> Result<E, ReadEventError<D::Error>> {
    if E::READS_OTHERS && !E::EventType::ALL.iter().any(|declared| declared.as_str() == event_type) {
        return E::deserialize_other(OtherType { event_type, payload });
    }
    E::deserialize_tagged(TaggedEvent { event_type, payload }).map_err(ReadEventError::Json)
}

/// A stored event whose type is not the name of a variant. Generated code calls the methods of this type to read the
/// event.
#[doc(hidden)]
#[derive(Debug)]
pub struct OtherType<'a, D> {
    event_type: &'a str,
    payload: Option<D>,
}

impl<'a, 'de, D: Deserializer<'de>> OtherType<'a, D> {
    /// Returns the stored name of the event type.
    pub fn event_type(&self) -> &'a str {
        self.event_type
    }

    /// Reads the payload of a retired event type.
    pub fn read<Old: RetiredPayload>(self) -> Result<Old, ReadEventError<D::Error>> {
        Content::new(self.payload).newtype_variant_seed(PhantomData::<Old>).map_err(ReadEventError::Json)
    }

    /// Reads the event as an event of type `event_type`, for event types of which only the name is retired.
    pub fn read_as<E: Event>(self, event_type: &'static str) -> Result<E, ReadEventError<D::Error>> {
        E::deserialize_tagged(TaggedEvent { event_type, payload: self.payload }).map_err(ReadEventError::Json)
    }

    /// Returns the event as it is stored, without decoding the payload.
    pub fn keep(self) -> Result<UnknownEvent, ReadEventError<D::Error>> {
        UnknownEvent::read(self.event_type, self.payload).map_err(ReadEventError::Json)
    }
}

/// The reason why an event cannot be read from its type and its payload.
#[doc(hidden)]
#[derive(Debug)]
pub enum ReadEventError<E> {
    /// The payload does not have the declared shape.
    Json(E),
    /// The payload of a retired type could not be converted.
    Conversion(ConversionFailed),
    /// The conversion of a retired type returned a variant other than the one that declares the retired type.
    OtherVariant { declared: &'static str, converted: String },
    /// The event enum has no type of this name.
    UnknownType,
}

impl<E> From<ConversionFailed> for ReadEventError<E> {
    fn from(failed: ConversionFailed) -> Self {
        Self::Conversion(failed)
    }
}

impl<X: Error> ReadEventError<X> {
    /// Converts the error into the error type of the deserializer.
    pub(crate) fn into_serde<E: Event>(self, event_type: &str) -> X {
        match self {
            Self::Json(error) => error,
            Self::Conversion(failed) => X::custom(format_args!("event type {event_type:?} is retired, and {failed}")),
            Self::OtherVariant { declared, converted } => X::custom(format_args!(
                "event type {event_type:?} is retired, and {}",
                wrong_variant(declared, &converted)
            )),
            Self::UnknownType => X::custom(unknown_event_type::<E::EventType>(event_type)),
        }
    }
}

/// Returns the error text for a conversion that returned the wrong variant. Filters select events by the variant that
/// declares the retired type, so this mistake must be reported.
pub(crate) fn wrong_variant(declared: &str, converted: &str) -> String {
    format!(
        "its conversion returned an event of type {converted:?} instead of {declared:?}; move `from(…)` to the event \
         enum if the event may become any variant"
    )
}

/// Returns the event if it is of the declared type, and an error otherwise.
#[doc(hidden)]
pub fn same_variant<E: Event, X>(event: E, declared: E::EventType) -> Result<E, ReadEventError<X>> {
    if event.event_type() == declared {
        return Ok(event);
    }
    let converted = event.type_name().to_owned();
    Err(ReadEventError::OtherVariant { declared: declared.as_str(), converted })
}
