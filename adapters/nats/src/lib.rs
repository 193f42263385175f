//! Message queues and buses of [castore](https://docs.rs/castore) on NATS JetStream.
//!
//! | | without order | in order per aggregate |
//! |---|---|---|
//! | queue | [`NatsMessageQueueAdapter`] | [`NatsPartitionedMessageQueueAdapter`] |
//! | bus | [`NatsMessageBusAdapter`] | [`NatsPartitionedMessageBusAdapter`] |
//!
//! [`NatsWorker`] handles the messages of a queue, [`NatsListener`] those of a bus. Use the `castore` crate, which
//! re-exports this one under its feature `nats`.
//!
//! # Streams
//! A channel has a stream of its own, and one for its dead letters. The first adapter that connects creates both. Later
//! adapters compare them with their options and never change them: a difference is a [`NatsError::StreamMismatch`].
//!
//! The stream of a queue is a work queue: a message is gone when it is acknowledged. The stream of a bus keeps messages
//! by interest: each listener gets every message that passes its filter and was published after its durable consumer
//! was created, and a message is gone when all of them have acknowledged it. No age limit has to be chosen that a listener
//! might miss, and nothing grows without end, unless a listener is given up: delete its consumers, or set
//! [`max_age`](NatsAdapterBuilder::max_age).
//!
//! # Deleted consumers and streams
//! A running consumer creates its durable consumers and the streams again if they were deleted, for example by an operator, or
//! with a stream in memory by a restart of the server. A consumer that is created again begins with the first message of its
//! stream: it handles what was published in the meantime, and may handle messages again. With
//! [`recreate(false)`](NatsListenerBuilder::recreate), or if it finds a consumer or a stream of that name with other settings, it
//! ends with [`ConsumerError::Lost`](castore_core::consumer::ConsumerError::Lost) instead.
//!
//! What is lost:
//! * The messages of a deleted stream are deleted with it. Until a consumer, or an adapter that connects, creates the stream
//!   again, publishing fails, so that a relay publishes these events later.
//! * The stream of a bus keeps a message only for durable consumers that exist. While the consumer of a listener does not exist,
//!   publishing succeeds and that listener misses the message. This takes from the deletion until the listener has noticed it,
//!   which is about half a second if the server reports the deletion and up to 10 seconds otherwise, and as long as no process runs the
//!   listener. The same holds for the time between the creation of a stream and of its consumers. Use a
//!   [replay](https://docs.rs/castore-replay) to publish these events again.
//! * The stream of a queue keeps its messages without a consumer, so nothing is lost with the consumer alone.
//!
//! # Subjects
//! `<prefix>.<event store>.<event type>.<live or replay>`, and `.<partition>` where order is kept. Tokens are
//! percent-encoded: all but `A-Z a-z 0-9 _ -` are `%XX`. Messages without event have the type `~exists`. A listener's
//! filter becomes the subject filters of its consumers. Dead letters go to `<prefix>.dead.<durable name>`.
//!
//! # Messages
//! The body is Castore's JSON. The header `Castore-Replay` marks replays. JetStream drops a message that has the
//! `Nats-Msg-Id` of one it got within the [window](NatsAdapterBuilder::duplicate_window); that id is
//! `<event store>#<aggregate>#<version>`, so that a message that is sent again after a failure does not come twice.
//! Replays, events that take the place of others (`force`), and messages without version have an id of their own each time they are published: they are published
//! again on purpose. Ids that are long or have unusual characters are hashed.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod connection;
mod consume;
mod error;
mod publish;
mod stream;
mod subject;

/// The client that adapters are given.
pub use async_nats;
pub use consume::{NatsListener, NatsListenerBuilder, NatsWorker, NatsWorkerBuilder};
pub use error::{MessageTooLargeError, NatsError, SubjectTooLongError};
pub use publish::{
    NatsAdapterBuilder, NatsBus, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsPartitionedMessageBusAdapter,
    NatsPartitionedMessageQueueAdapter, NatsQueue,
};
