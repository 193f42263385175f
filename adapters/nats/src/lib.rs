//! Message queues and buses of [castore](https://docs.rs/castore) on NATS JetStream.
//!
//! | | without order | in order per aggregate |
//! |---|---|---|
//! | queue | [`NatsMessageQueueAdapter`] | [`NatsPartitionedMessageQueueAdapter`] |
//! | bus | [`NatsMessageBusAdapter`] | [`NatsPartitionedMessageBusAdapter`] |
//!
//! [`NatsWorker`] handles the messages of a queue, and [`NatsListener`] handles those of a bus. Applications use this
//! crate as `castore::nats`, with the feature `nats` of the `castore` crate.
//!
//! # Streams
//! Each channel has its own stream, and another stream for its dead letters. The first adapter that connects creates
//! both streams. Later adapters never change the streams. They check the settings on which they depend and the options
//! that were set in their builders. If the existing stream differs, connecting fails with
//! [`NatsError::StreamMismatch`].
//!
//! The stream of a queue is a work queue: the server removes a message when it is acknowledged. The stream of a bus has
//! interest retention: the server removes a message when all interested listeners have acknowledged it. A listener is
//! interested if the message passes its filter, and was published after the durable consumer of the listener was
//! created. Thus messages need no age limit, which might delete them before a slow listener has handled them. The
//! stream grows without limit only if a listener is abandoned. In this case, delete the consumers of the listener, or
//! set [`max_age`](NatsAdapterBuilder::max_age).
//!
//! # Deleted consumers and streams
//! A running worker or listener creates its durable consumers and the streams again if they were deleted. For example,
//! an operator can delete them, and a stream in memory is lost when the server restarts. A durable consumer that is
//! created again begins with the first message of its stream: it receives the messages that were published in the
//! meantime, and possibly earlier messages again. With [`recreate(false)`](NatsListenerBuilder::recreate), or if a
//! durable consumer or a stream with the same name has other settings, the running worker or listener ends with
//! [`ConsumerError::Lost`](castore_core::consumer::ConsumerError::Lost) instead.
//!
//! A deletion can lose messages:
//! * If a stream is deleted, its messages are lost. Publishing fails until a running worker or listener, or an adapter
//!   that connects, creates the stream again. A relay retries: once the stream exists again, the relay publishes the
//!   events that were stored in the meantime.
//! * If a durable consumer of a bus is deleted, its listener misses the messages that are published until the consumer
//!   is created again. Publishing these messages succeeds, because the stream of a bus keeps a message only for
//!   consumers that exist. A running listener creates its consumer again about half a second after the server reports
//!   the deletion, and within 10 seconds if the report is lost. If no process runs the listener, the consumer is
//!   created at the next start. A listener also misses messages that are published between the creation of a stream and
//!   the creation of its consumer. Use a [replay](https://docs.rs/castore-replay) to publish missed events again.
//! * If only the durable consumer of a queue is deleted, no message is lost, because the stream of a queue also keeps
//!   messages without a consumer.
//!
//! # Subjects
//! The subject of a message is `<prefix>.<event store>.<event type>.<live or replay>`, followed by `.<partition>` on
//! ordered channels. Tokens are percent-encoded: all characters except `A-Z a-z 0-9 _ -` are written as `%XX`. Messages
//! without an event have `~exists` instead of an event type. The filter of a listener becomes the subject filters of
//! its consumers. Dead letters are published to `<prefix>.dead.<durable name>`. A [redriven](NatsDeadLetters) dead
//! letter is published to its original subject, with the header `Castore-Redrive-To`, which contains the durable name.
//!
//! # Messages
//! The body of a message is the JSON of Castore. The header `Castore-Replay` marks replays. JetStream drops a message
//! whose `Nats-Msg-Id` it has already received within the [window](NatsAdapterBuilder::duplicate_window). The id is
//! `<event store>#<aggregate>#<version>`, so that a message that is sent again after a failure is not delivered twice.
//! Replays, events of forced pushes (`force`), and messages without a version get a different id each time, because
//! programs publish them again deliberately. Ids that are long or contain unusual characters are hashed.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod connection;
mod consume;
mod error;
mod publish;
mod stream;
mod subject;

/// The NATS client crate that provides the client of the adapters.
pub use async_nats;
pub use consume::{
    NatsConsumerSetup, NatsDeadLetters, NatsListener, NatsListenerBuilder, NatsWorker, NatsWorkerBuilder,
};
pub use error::{MessageTooLargeError, NatsError, SubjectTooLongError};
pub use publish::{
    NatsAdapterBuilder, NatsBus, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsPartitionedMessageBusAdapter,
    NatsPartitionedMessageQueueAdapter, NatsQueue,
};
