use std::sync::Arc;

use super::{AnyStore, EventTypeFilter, Filter, FilterPattern, NarrowedMessage, ReceivedMessage, SubsetFilter};
use crate::channel::{Carries, CarriesEventTypes, MessageChannel};
use crate::event::{Event, EventType, is_named, stored_names};
use crate::event_sourced::EventSourced;
use crate::message::{AnyMessage, ChannelMessage, MessageKind};

/// A filter for the messages of channel `C`: a [`Filter`], or several filters in an array, a `Vec` or a tuple. A
/// message passes several filters if it passes at least one of them.
///
/// With a filter for one store, or an array or `Vec` of such filters, the handler receives messages of that store. With
/// [`Filter::events`], the handler receives each message as a [`NarrowedMessage`]. With a tuple of filters, or with
/// [`Filter::all`], the handler receives the message enum of the channel.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter for the messages of message channel `{C}`",
    label = "not a filter for `{C}`",
    note = "use `Filter::all()`, or `Filter::store::<…>()` with a source of `{C}`"
)]
pub trait ChannelFilter<C: MessageChannel>: Send + Sync + 'static {
    /// The type that the handler receives.
    type Message: Send + Sync + 'static;

    /// Returns whether a message passes the filter. `replay` says whether the message is a replay.
    fn passes(&self, message: &C::Message, replay: bool) -> bool;

    /// Returns the filter as data, for adapters of brokers that can filter messages.
    fn patterns(&self) -> Vec<FilterPattern>;

    /// Converts a message that has passed the filter into the type that the handler receives. Returns `None` if the
    /// message is not of that type, for example because the message belongs to another Rust type with the same event
    /// store id.
    fn receive(&self, message: Arc<C::Message>) -> Option<ReceivedMessage<Self::Message>>;
}

fn is_of_type<T: EventType>(message: &dyn AnyMessage, wanted: &[T]) -> bool {
    message.event_type().is_some_and(|name| wanted.iter().any(|wanted| is_named(*wanted, name)))
}

/// Returns the pattern for messages whose events are decoded as one of the wanted types. The pattern also names the
/// retired types, because stored events and waiting messages may have a retired type. If the possible names cannot be
/// listed, all messages of the store pass the pattern, and the consumer checks the filter again.
fn pattern<S: EventSourced>(wanted: &[<S::Event as Event>::EventType]) -> FilterPattern {
    let all = FilterPattern::event_store(S::EVENT_STORE_ID);
    match stored_names(wanted.iter().copied()) {
        Some(names) => all.event_types(names),
        None => all,
    }
}

impl<C: MessageChannel> ChannelFilter<C> for Filter<AnyStore> {
    type Message = C::Message;

    fn passes(&self, _: &C::Message, replay: bool) -> bool {
        self.on_replay || !replay
    }

    fn patterns(&self) -> Vec<FilterPattern> {
        vec![FilterPattern::all().on_replay(self.on_replay)]
    }

    fn receive(&self, message: Arc<C::Message>) -> Option<ReceivedMessage<C::Message>> {
        Some(ReceivedMessage::new(message))
    }
}

impl<S: EventSourced, C: Carries<S>> ChannelFilter<C> for Filter<S> {
    type Message = <C::Kind as MessageKind>::Of<S>;

    fn passes(&self, message: &C::Message, replay: bool) -> bool {
        (self.on_replay || !replay) && message.as_message().event_store_id() == S::EVENT_STORE_ID
    }

    fn patterns(&self) -> Vec<FilterPattern> {
        vec![FilterPattern::event_store(S::EVENT_STORE_ID).on_replay(self.on_replay)]
    }

    fn receive(&self, message: Arc<C::Message>) -> Option<ReceivedMessage<Self::Message>> {
        ReceivedMessage::of_store(message)
    }
}

impl<S: EventSourced, C: Carries<S> + CarriesEventTypes> ChannelFilter<C> for EventTypeFilter<S> {
    type Message = <C::Kind as MessageKind>::Of<S>;

    fn passes(&self, message: &C::Message, replay: bool) -> bool {
        let message = message.as_message();
        (self.on_replay || !replay)
            && message.event_store_id() == S::EVENT_STORE_ID
            && is_of_type(message, &self.event_types)
    }

    fn patterns(&self) -> Vec<FilterPattern> {
        vec![pattern::<S>(&self.event_types).on_replay(self.on_replay)]
    }

    fn receive(&self, message: Arc<C::Message>) -> Option<ReceivedMessage<Self::Message>> {
        ReceivedMessage::of_store(message)
    }
}

impl<S, E, C> ChannelFilter<C> for SubsetFilter<S, E>
where
    S: EventSourced,
    // The compiler has already checked that `E` is a subset, at the place where the filter was created. With a second
    // bound here, the compiler would report the same mistake twice.
    E: Send + Sync + 'static,
    C: Carries<S> + CarriesEventTypes,
{
    type Message = NarrowedMessage<<C::Kind as MessageKind>::Of<S>, E>;

    fn passes(&self, message: &C::Message, replay: bool) -> bool {
        let message = message.as_message();
        (self.on_replay || !replay)
            && message.event_store_id() == S::EVENT_STORE_ID
            && is_of_type(message, &self.event_types)
    }

    fn patterns(&self) -> Vec<FilterPattern> {
        vec![pattern::<S>(&self.event_types).on_replay(self.on_replay)]
    }

    fn receive(&self, message: Arc<C::Message>) -> Option<ReceivedMessage<Self::Message>> {
        let message = ReceivedMessage::<<C::Kind as MessageKind>::Of<S>>::of_store(message)?;
        let payload = (self.narrow)(&C::__event::<S>(&message).payload)?;
        Some(ReceivedMessage::shared(Arc::new(NarrowedMessage::new(payload, message))))
    }
}

impl<C: MessageChannel, F: ChannelFilter<C>> ChannelFilter<C> for Vec<F> {
    type Message = F::Message;

    fn passes(&self, message: &C::Message, replay: bool) -> bool {
        self.iter().any(|filter| filter.passes(message, replay))
    }

    fn patterns(&self) -> Vec<FilterPattern> {
        self.iter().flat_map(ChannelFilter::patterns).collect()
    }

    fn receive(&self, message: Arc<C::Message>) -> Option<ReceivedMessage<F::Message>> {
        self.iter().find_map(|filter| filter.receive(message.clone()))
    }
}

impl<C: MessageChannel, F: ChannelFilter<C>, const N: usize> ChannelFilter<C> for [F; N] {
    type Message = F::Message;

    fn passes(&self, message: &C::Message, replay: bool) -> bool {
        self.iter().any(|filter| filter.passes(message, replay))
    }

    fn patterns(&self) -> Vec<FilterPattern> {
        self.iter().flat_map(ChannelFilter::patterns).collect()
    }

    fn receive(&self, message: Arc<C::Message>) -> Option<ReceivedMessage<F::Message>> {
        self.iter().find_map(|filter| filter.receive(message.clone()))
    }
}

macro_rules! tuples {
    ($($($filter:ident)+;)+) => {$(
        impl<Ch: MessageChannel, $($filter: ChannelFilter<Ch>),+> ChannelFilter<Ch> for ($($filter,)+) {
            type Message = Ch::Message;

            fn passes(&self, message: &Ch::Message, replay: bool) -> bool {
                #[allow(non_snake_case)]
                let ($($filter,)+) = self;
                $($filter.passes(message, replay))||+
            }

            fn patterns(&self) -> Vec<FilterPattern> {
                #[allow(non_snake_case)]
                let ($($filter,)+) = self;
                [$($filter.patterns()),+].concat()
            }

            fn receive(&self, message: Arc<Ch::Message>) -> Option<ReceivedMessage<Ch::Message>> {
                Some(ReceivedMessage::new(message))
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}
