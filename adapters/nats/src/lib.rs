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
//! Each channel has its own stream, and another one for its dead letters. The first adapter that connects creates
//! both. Later adapters compare them with their options and never change them: a difference is a
//! [`NatsError::StreamMismatch`].
//!
//! The stream of a queue is a work queue, from which a message is removed when it is acknowledged. The stream of a bus
//! has interest retention: each listener receives every message that passes its filter and was published after its
//! durable consumer was created, and a message is removed when all of them have acknowledged it. Thus messages need no
//! age limit, which might delete them before a slow listener has handled them. The stream grows without limit only if a
//! listener is abandoned. In this case, delete its consumers, or set [`max_age`](NatsAdapterBuilder::max_age).
//!
//! # Deleted consumers and streams
//! A running consumer creates its durable consumers and the streams again if they were deleted, for example by an
//! operator, or with a stream in memory by a restart of the server. A consumer that is created again begins with the
//! first message of its stream: it handles the messages that were published in the meantime, and may handle earlier
//! messages again. With [`recreate(false)`](NatsListenerBuilder::recreate), or if it finds a consumer or a stream of
//! that name with other settings, it ends with [`ConsumerError::Lost`](castore_core::consumer::ConsumerError::Lost)
//! instead.
//!
//! The following messages are lost:
//! * The messages of a deleted stream are deleted with it. Until a consumer, or an adapter that connects, creates the stream
//!   again, publishing fails, so that a relay publishes these events later.
//! * The stream of a bus keeps a message only for durable consumers that exist. While the consumer of a listener does
//!   not exist, publishing succeeds and that listener misses the message. If the listener is running, it creates its
//!   consumer again about half a second after the deletion if the server reports the deletion, and otherwise within 10
//!   seconds. If no process runs the listener, the consumer is created when one is started. Messages are also missed
//!   between the creation of a stream and of its consumers. Use a [replay](https://docs.rs/castore-replay) to publish
//!   these events again.
//! * The stream of a queue keeps its messages without a consumer, so nothing is lost with the consumer alone.
//!
//! # Subjects
//! `<prefix>.<event store>.<event type>.<live or replay>`, followed by `.<partition>` on ordered channels. Tokens are
//! percent-encoded: all characters except `A-Z a-z 0-9 _ -` are written as `%XX`. Messages without an event have the
//! type `~exists`. The filter of a listener becomes the subject filters of its consumers. Dead letters are published
//! to `<prefix>.dead.<durable name>`. A [redriven](NatsDeadLetters) one has its original subject, and the header
//! `Castore-Redrive-To` with the durable name.
//!
//! # Messages
//! The body is Castore's JSON. The header `Castore-Replay` marks replays. JetStream drops a message whose
//! `Nats-Msg-Id` it has already received within the [window](NatsAdapterBuilder::duplicate_window). The id is
//! `<event store>#<aggregate>#<version>`, so that a message that is sent again after a failure is not delivered
//! twice. Replays, events of forced pushes (`force`), and messages without a version get a different id each time
//! they are published, because they are repeated deliberately. Ids that are long or contain unusual characters are
//! hashed.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod connection;
mod consume;
mod error;
mod publish;
mod stream;
mod subject;

/// The NATS client crate, whose client adapters use.
pub use async_nats;
pub use consume::{NatsDeadLetters, NatsListener, NatsListenerBuilder, NatsWorker, NatsWorkerBuilder};
pub use error::{MessageTooLargeError, NatsError, SubjectTooLongError};
pub use publish::{
    NatsAdapterBuilder, NatsBus, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsPartitionedMessageBusAdapter,
    NatsPartitionedMessageQueueAdapter, NatsQueue,
};
