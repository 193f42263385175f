//! Message channels: what they carry, whether they are a queue or a bus, and how messages get onto them.

mod adapter;
mod core;
mod error;
mod markers;
mod membership;
mod message_channel;
mod publish;
mod source;

pub use crate::message::{AggregateExists, Notification, StateCarrying};
pub use adapter::{AdapterOf, AttachesTo, Keeps, MessageChannelAdapter, PublishMessageOptions};
pub use core::ChannelCore;
pub use error::{PublishError, RejectedMessage, UndefinedMessageChannelAdapterError};
pub use markers::{Bus, MessageOrder, PerAggregate, Queue, Topology, Unordered};
pub use membership::{
    Carries, CarriesEvents, LoadsAggregates, MessageBus, MessageQueue, MessagesOn, OfKind, PublishAggregateOn,
    PublishOn, StateCarryingChannel,
};
pub use message_channel::MessageChannel;
pub use publish::{GetAggregateAndPublishMessage, PublishMessage, PublishMessages};
pub use source::{ChannelSource, assert_distinct_id};
