use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::vec;

use super::{AnyMessage, MessageBody};
use crate::json::Buffered;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Serialize, de::IntoDeserializer};

/// The messages of one channel: the enum that `message_channel!` generates, with a variant for each source.
///
/// The JSON of the enum is the JSON of the message that it contains. When the JSON is read, `eventStoreId` determines
/// the variant.
pub trait ChannelMessage: Clone + fmt::Debug + Send + Sync + 'static {
    /// Returns the message that the enum contains.
    fn as_message(&self) -> &dyn AnyMessage;

    /// Returns the id of the message's event store.
    fn event_store_id(&self) -> &'static str {
        self.as_message().event_store_id()
    }

    /// Returns the id of the aggregate, as text.
    fn aggregate_id(&self) -> String {
        self.as_message().aggregate_id()
    }

    /// Calls `visitor` with the message type of an event store. Returns `None` if the store is not a source of the
    /// channel.
    ///
    /// This method is the only generated code that requires messages to be serializable, so a state that is not
    /// serializable causes a single compile error.
    #[doc(hidden)]
    fn with_source<V: SourceVisitor<Self>>(event_store_id: &str, visitor: V) -> Option<V::Output>;
}

/// A generated message enum, which determines its channel.
///
/// The trait has no bounds: the code that uses the trait adds them. Thus a source that is not an event store causes no
/// additional compile error.
pub trait MessageEnum {
    /// The channel of the messages.
    type Channel;
}

/// An operation that is generic over the message types of a channel. [`ChannelMessage::with_source`] calls it with the
/// message type of one event store.
#[doc(hidden)]
pub trait SourceVisitor<M> {
    type Output;

    fn visit<B: MessageBody + serde::Serialize>(self) -> Self::Output
    where
        M: From<B>;
}

#[doc(hidden)]
pub fn serialize_channel_message<M: ChannelMessage, S: Serializer>(
    message: &M,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    struct Write<'a, S>(&'a dyn AnyMessage, S);
    impl<M, S: Serializer> SourceVisitor<M> for Write<'_, S> {
        type Output = Result<S::Ok, S::Error>;

        fn visit<B: MessageBody + Serialize>(self) -> Self::Output {
            let message: &dyn Any = self.0;
            match message.downcast_ref::<B>() {
                Some(message) => message.serialize(self.1),
                None => Err(S::Error::custom("two event stores of the message channel share an id")),
            }
        }
    }
    let message = message.as_message();
    M::with_source(message.event_store_id(), Write(message, serializer))
        .unwrap_or_else(|| Err(S::Error::custom("the event store is not a source of the message channel")))
}

#[doc(hidden)]
pub fn deserialize_channel_message<'de, M: ChannelMessage, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<M, D::Error> {
    deserializer.deserialize_map(MessageVisitor(PhantomData))
}

struct MessageVisitor<M>(PhantomData<M>);

impl<'de, M: ChannelMessage> Visitor<'de> for MessageVisitor<M> {
    type Value = M;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a message with an eventStoreId")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<M, A::Error> {
        // The entries before the id are buffered. Usually there are none, and the message is read without buffering.
        let mut before = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "eventStoreId" {
                let event_store_id: String = map.next_value()?;
                let fields = Fields { before: before.into_iter(), value: None, rest: map };
                return M::with_source(&event_store_id, Read { fields, lifetime: PhantomData }).unwrap_or_else(|| {
                    Err(A::Error::custom(format_args!(
                        "event store {event_store_id} is not a source of the message channel"
                    )))
                });
            }
            before.push((key, map.next_value::<Buffered>()?));
        }
        Err(A::Error::missing_field("eventStoreId"))
    }
}

/// A visitor that reads a message of a known source.
struct Read<'de, A> {
    fields: Fields<A>,
    lifetime: PhantomData<&'de ()>,
}

impl<'de, M, A: MapAccess<'de>> SourceVisitor<M> for Read<'de, A> {
    type Output = Result<M, A::Error>;

    fn visit<B: MessageBody + Serialize>(self) -> Self::Output
    where
        M: From<B>,
    {
        B::from_fields(self.fields).map(M::from)
    }
}

/// The buffered fields before `eventStoreId`, followed by the remaining fields.
struct Fields<A> {
    before: vec::IntoIter<(String, Buffered)>,
    value: Option<Buffered>,
    rest: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.before.next() {
            Some((key, value)) => {
                self.value = Some(value);
                seed.deserialize(key.into_deserializer()).map(Some)
            }
            None => self.rest.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some(value) => value.read(seed),
            None => self.rest.next_value_seed(seed),
        }
    }
}
