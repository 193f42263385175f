//! Message channels (queues and buses), their adapters, and the requests that publish messages.

mod adapter;
mod channel_source;
mod claim_check;
mod core;
mod decoded;
mod error;
mod kinds;
mod markers;
mod membership;
mod message_channel;
mod not_created;
mod ordered_publish;
mod publish;
mod publishers;

pub use adapter::{AdapterFor, ChannelAdapter, KeepsOrder, MessageChannelAdapter, PublishMessageOptions, Publishes};
pub use channel_source::{ChannelSource, assert_distinct_id, assert_state_is_object};
pub use claim_check::{ClaimCheck, ClaimCheckError, ClaimedMessage};
pub use core::ChannelCore;
pub use error::{PublishError, RejectedMessage, UndefinedMessageChannelAdapterError};
pub use kinds::{
    AggregateExistsMessageBus, AggregateExistsMessageQueue, NotificationMessageBus, NotificationMessageQueue,
    StateCarryingMessageBus, StateCarryingMessageQueue, assert_channel_kind,
};
pub use markers::{Bus, MessageOrder, PerAggregate, Queue, Topology, Unordered};
pub use membership::{
    AggregateEvent, CarriedKind, Carries, CarriesEventTypes, CarriesEvents, ConnectsTo, IntoChannelMessage,
    IntoChannelMessages, LoadsAggregates, LoadsState, MessageBus, MessageQueue, Ordered,
};
pub use message_channel::MessageChannel;
pub use not_created::NotCreated;
#[doc(hidden)]
pub use ordered_publish::one_by_one;
pub use ordered_publish::{HeldBackError, OrderedPublish, UnpublishedError};
pub use publish::{GetAggregateAndPublishMessage, PublishMessage, PublishMessages};
pub use publishers::{Publisher, Registration, TwoPublishersError};
