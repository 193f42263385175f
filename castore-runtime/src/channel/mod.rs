//! Message channels: what they carry, whether they are a queue or a bus, and how messages get onto them.

mod adapter;
mod claim_check;
mod core;
mod decoded;
mod error;
mod markers;
mod membership;
mod message_channel;
mod ordered_publish;
mod publish;
mod publishers;
mod source;

pub use crate::message::{AggregateExists, MessageEnum, Notification, RawNotification, StateCarrying};
pub use adapter::{AdapterOf, AttachesTo, Keeps, MessageChannelAdapter, PublishMessageOptions, Publishes};
pub use claim_check::{ClaimCheck, ClaimCheckError, ClaimedMessage};
pub use core::ChannelCore;
pub use error::{PublishError, RejectedMessage, UndefinedMessageChannelAdapterError};
pub use markers::{Bus, IsUnordered, MessageOrder, PerAggregate, Queue, Topology, Unordered};
pub use membership::{
    Carries, CarriesEventTypes, CarriesEvents, KindOn, LoadsAggregates, LoadsState, MessageBus, MessageQueue,
    MessagesOn, PromisesOrder, PublishAggregateOn, PublishOn,
};
pub use message_channel::MessageChannel;
pub use ordered_publish::{HeldBackError, OrderedPublish, UnpublishedError};
pub use publish::{GetAggregateAndPublishMessage, PublishMessage, PublishMessages};
pub use publishers::{Publisher, Registration, TwoPublishersError};
pub use source::{ChannelSource, assert_distinct_id};
