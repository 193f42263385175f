//! Message queues and buses of [castore](https://docs.rs/castore) on NATS JetStream. Applications use this crate as
//! `castore::nats`, with the feature `nats` of the `castore` crate. The page about brokers of its
//! [guide](https://docs.rs/castore/latest/castore/guide/brokers/) has an example, and compares NATS with other brokers.
//!
//! | | without order | in order per aggregate |
//! |---|---|---|
//! | queue | [`NatsMessageQueueAdapter`] | [`NatsPartitionedMessageQueueAdapter`] |
//! | bus | [`NatsMessageBusAdapter`] | [`NatsPartitionedMessageBusAdapter`] |
//!
//! The adapters publish. [`NatsWorker`] handles the messages of a queue, and [`NatsListener`] handles those of a bus.
//! [`NatsDeadLetters`] lists, redrives and removes dead letters. [`NatsConsumerSetup`] creates the durable consumers of
//! a worker or listener before it starts.
//!
//! # Streams and durable consumers
//! Each channel has its own stream, and another stream for its dead letters. The first adapter that connects creates
//! both streams. Later adapters never change the streams. They compare an existing stream with the settings that they
//! need, and with the options that were set in their builders. If a setting differs, connecting fails with
//! [`NatsError::StreamMismatch`].
//!
//! A durable consumer is the state of a worker or listener on the server: its filter, and which messages it has
//! acknowledged. On ordered channels, a worker or listener has a durable consumer for each partition.
//!
//! The stream of a queue is a work queue: the server removes a message when it is acknowledged. The stream of a bus has
//! interest retention: the server removes a message when all interested listeners have acknowledged it. A listener is
//! interested if the message passes its filter, and was published after its durable consumer was created.
//!
//! By default, messages have no age limit, because the server would delete old messages even if a slow listener has not
//! handled them yet. The stream of a bus grows without limit only if a listener no longer runs and its durable
//! consumers still exist. In this case, delete these consumers, or set [`max_age`](NatsAdapterBuilder::max_age).
//!
//! # Deleted consumers and streams
//! A running worker or listener creates its durable consumers and the streams again if they were deleted. For example,
//! an operator can delete them, and a stream in memory is lost when the server restarts. A durable consumer that is
//! created again begins with the first message that is still in its stream, so it may receive messages again.
//!
//! In two cases, the running worker or listener ends with
//! [`ConsumerError::Lost`](castore_core::consumer::ConsumerError::Lost) instead: with
//! [`recreate(false)`](NatsListenerBuilder::recreate), and if a stream or durable consumer with the same name and other
//! settings was created in the meantime.
//!
//! A deletion can lose messages:
//! * **Stream.** If a stream is deleted, its messages are lost. Publishing fails until a running worker or listener, or
//!   an adapter that connects, creates the stream again. A relay retries until then, and publishes the events that were
//!   stored in the meantime.
//! * **Durable consumer of a bus.** If it is deleted, its listener misses the messages that are published until the
//!   consumer is created again. Publishing these messages succeeds, because the stream of a bus keeps a message only
//!   for consumers that exist. A running listener creates its consumer again about half a second after the server
//!   reports the deletion, and within 10 seconds if the report is lost. If no process runs the listener, the next start
//!   creates the consumer. For the same reason, a listener misses messages that are published between the creation of a
//!   stream and the creation of its consumer.
//! * **Durable consumer of a queue.** If only this consumer is deleted, no message is lost, because the stream of a
//!   queue also keeps messages without a consumer.
//!
//! To publish missed events again, use a [replay](https://docs.rs/castore-replay).
//!
//! # Subjects
//! The subject of a message is `<prefix>.<event store>.<event type>.<live or replay>`, followed by `.<partition>` on
//! ordered channels. Tokens are percent-encoded: all characters except `A-Z a-z 0-9 _ -` are written as `%XX`. Messages
//! without an event have `~exists` instead of an event type. The filter of a listener becomes the subject filters of
//! its consumers. Dead letters are published to `<prefix>.dead.<durable name>`. A [redriven](NatsDeadLetters) dead
//! letter is published to its original subject, with the header `Castore-Redrive-To`, which contains the durable name.
//!
//! # Messages
//! The body of a message is the JSON of Castore. The header `Castore-Replay` marks replays. The header `Nats-Msg-Id`
//! contains the id `<event store>#<aggregate>#<version>`. JetStream drops a message if it has received another message
//! with the same id within the [duplicate window](NatsAdapterBuilder::duplicate_window), which defaults to 2 minutes.
//! Thus a message that is sent again after a failure is not delivered twice. Replays, events of forced pushes (`force`)
//! and messages without a version get a different id each time, because programs publish them again deliberately. Ids
//! that are long or contain unusual characters are hashed.
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
