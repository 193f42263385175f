//! Publishing messages to a stream.

mod adapters;
mod builder;
mod ids;
mod outgoing;
mod pipeline;
mod publisher;
mod send_error;

pub use adapters::{
    NatsBus, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsPartitionedMessageBusAdapter,
    NatsPartitionedMessageQueueAdapter, NatsQueue,
};
pub use builder::NatsAdapterBuilder;
pub(crate) use builder::check_name;
pub(crate) use outgoing::REPLAY;
