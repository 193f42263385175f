use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::ContextBuilder;
use async_nats::jetstream::stream::StorageType;
use castore_core::channel::{ChannelAdapter, MessageChannel};
use castore_core::error::InvalidOptionError;
use tokio::sync::Semaphore;

use super::adapters::sealed::{Adapter, Partitioned};
use super::publisher::Publisher;
use crate::NatsError;
use crate::connection::Connection;
use crate::stream::{StreamOptions, check_version};
use crate::subject::Layout;

/// A builder of an adapter `A`. See [`NatsMessageQueueAdapter::builder`](crate::NatsMessageQueueAdapter::builder).
///
/// If the stream already exists, its storage, replicas, duplicate window and maximum age are compared only if they were
/// set in the builder.
#[must_use = "nothing happens before `connect` or `attach_to`"]
pub struct NatsAdapterBuilder<A> {
    client: Client,
    prefix: String,
    stream_name: Option<String>,
    domain: Option<String>,
    partitions: u32,
    options: StreamOptions,
    connect_timeout: Duration,
    publish_timeout: Duration,
    max_in_flight: u32,
    adapter: PhantomData<fn() -> A>,
}

impl<A> NatsAdapterBuilder<A> {
    pub(super) fn new(client: Client, prefix: String) -> Self {
        Self {
            client,
            prefix,
            stream_name: None,
            domain: None,
            partitions: 16,
            options: StreamOptions::default(),
            // The limit is long because a server on a busy machine needs seconds to create the files of a new stream.
            connect_timeout: Duration::from_secs(30),
            publish_timeout: Duration::from_secs(5),
            max_in_flight: 256,
            adapter: PhantomData,
        }
    }

    /// Sets the name of the stream. Defaults to the prefix with `_` instead of dots. The stream of dead letters has the
    /// same name followed by `_DEAD`.
    pub fn stream_name(self, name: impl Into<String>) -> Self {
        Self { stream_name: Some(name.into()), ..self }
    }

    /// Sets the JetStream domain. Defaults to the domain of the server.
    pub fn domain(self, domain: impl Into<String>) -> Self {
        Self { domain: Some(domain.into()), ..self }
    }

    /// Sets the storage of the streams to the memory of the server. Defaults to files.
    pub fn in_memory(mut self) -> Self {
        self.options.storage = Some(StorageType::Memory);
        self
    }

    /// Sets how many servers of a cluster store the messages: between 1 and 5. Defaults to 1.
    pub fn replicas(mut self, servers: usize) -> Self {
        self.options.replicas = Some(servers);
        self
    }

    /// Sets how long the server remembers the ids of messages and drops duplicates. Defaults to 2 minutes, or to the
    /// [maximum age](Self::max_age) if that is shorter.
    pub fn duplicate_window(mut self, window: Duration) -> Self {
        self.options.duplicate_window = Some(window);
        self
    }

    /// Sets the age at which the server deletes messages, even if they were not handled. Dead letters are kept.
    /// Defaults to no limit.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.options.max_age = Some(age);
        self
    }

    /// Sets the time limit for reaching the server, and for each request that creates or looks up a stream or a
    /// consumer. Defaults to 30 seconds.
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self { connect_timeout: timeout, ..self }
    }

    /// Sets the time limit for publishing one message. If the server has stored the message despite the timeout, and
    /// the message is published again with the same id within the [duplicate window](Self::duplicate_window), the
    /// server drops the second copy. Defaults to 5 seconds.
    pub fn publish_timeout(self, timeout: Duration) -> Self {
        Self { publish_timeout: timeout, ..self }
    }

    /// Sets the maximum number of messages that wait for the server's acknowledgement at the same time, which must be
    /// at least 1. Messages of the same aggregate in one call never wait at the same time. Defaults to 256.
    pub fn max_in_flight(self, messages: u32) -> Self {
        Self { max_in_flight: messages, ..self }
    }
}

/// The largest number of semaphore permits that is also valid on 32-bit machines.
const MAX_IN_FLIGHT: u32 = u32::MAX >> 4;

impl<A> NatsAdapterBuilder<A> {
    /// Checks the values of all options.
    fn validate(&self) -> Result<(), InvalidOptionError> {
        let check = InvalidOptionError::check;
        let positive = |value: Option<Duration>| value.is_none_or(|value| !value.is_zero());
        check(self.partitions > 0, "partitions", "must be at least 1")?;
        check((1..=MAX_IN_FLIGHT).contains(&self.max_in_flight), "max_in_flight", "must be between 1 and 268435455")?;
        check(
            self.options.replicas.is_none_or(|servers| (1..=5).contains(&servers)),
            "replicas",
            "must be between 1 and 5",
        )?;
        check(positive(self.options.duplicate_window), "duplicate_window", "must be greater than 0")?;
        check(positive(self.options.max_age), "max_age", "must be greater than 0")?;
        check(positive(Some(self.connect_timeout)), "connect_timeout", "must be greater than 0")?;
        check(positive(Some(self.publish_timeout)), "publish_timeout", "must be greater than 0")
    }
}

impl<A: Partitioned> NatsAdapterBuilder<A> {
    /// Sets the number of partitions, which must be at least 1. While a message is retried, the other messages of its
    /// partition wait. The number of partitions is stored with the stream and cannot be changed later. Defaults to 16.
    pub fn partitions(self, partitions: u32) -> Self {
        Self { partitions, ..self }
    }
}

impl<A: Adapter> NatsAdapterBuilder<A> {
    /// Connects the adapter: waits for a connection, checks the version of the server, and creates the streams or
    /// compares existing ones with the options.
    ///
    /// # Errors
    /// [`NatsError::InvalidOption`] or [`NatsError::InvalidName`] for an invalid option, prefix or stream name.
    /// [`NatsError::NotConnected`] or [`NatsError::ServerTooOld`] if there is no suitable server.
    /// [`NatsError::StreamMismatch`] if a stream exists with other settings. [`NatsError::Request`] if the server
    /// rejects a request or does not respond.
    pub async fn connect(self) -> Result<A, NatsError> {
        self.validate()?;
        check_name("prefix of subjects", &self.prefix, true)?;
        let stream = self.stream_name.unwrap_or_else(|| self.prefix.replace('.', "_"));
        check_name("name of a stream", &stream, false)?;
        // If the client connects in the background, this waits for the connection.
        let connected = tokio::time::timeout(self.connect_timeout, self.client.flush()).await;
        let (Ok(Ok(())), Some(info)) = (connected, self.client.try_server_info()) else {
            return Err(NatsError::NotConnected);
        };
        check_version(&info.version)?;
        let context = |timeout| {
            let builder = ContextBuilder::new().timeout(timeout);
            match &self.domain {
                Some(domain) => builder.domain(domain).build(self.client.clone()),
                None => builder.build(self.client.clone()),
            }
        };
        let layout = Layout { prefix: self.prefix, partitions: A::PARTITIONED.then_some(self.partitions) };
        let jetstream = context(self.connect_timeout);
        let publishing = context(self.publish_timeout);
        let (topology, stream_options) = (A::TOPOLOGY, self.options);
        let connection = Connection { client: self.client, jetstream, stream, layout, topology, stream_options };
        connection.set_up_streams().await?;
        Ok(A::from_publisher(Publisher {
            connection: Arc::new(connection),
            jetstream: publishing,
            places: Semaphore::new(self.max_in_flight as usize),
            max_in_flight: self.max_in_flight,
            timeout: self.publish_timeout,
        }))
    }

    /// Connects the adapter and attaches it to `channel`. Clones of the adapter publish to the same stream.
    ///
    /// # Errors
    /// The errors of [`connect`](Self::connect).
    pub async fn attach_to<C: MessageChannel>(self, channel: &C) -> Result<A, NatsError>
    where
        A: ChannelAdapter<C> + Clone,
    {
        let adapter = self.connect().await?;
        channel.set_adapter(adapter.clone());
        Ok(adapter)
    }
}

/// The maximum length of names. Names must also fit into the headers of a dead letter.
const LONGEST_NAME: usize = 100;

/// Rejects names that are too long or not valid tokens. `dots` allows several tokens, separated by dots.
pub(crate) fn check_name(what: &'static str, name: &str, dots: bool) -> Result<(), NatsError> {
    let plain = |token: &str| {
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let fine = if dots { name.split('.').all(plain) } else { plain(name) };
    if fine && name.len() <= LONGEST_NAME {
        Ok(())
    } else {
        Err(NatsError::InvalidName { what, name: name.to_owned(), dots })
    }
}

impl<A> fmt::Debug for NatsAdapterBuilder<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NatsAdapterBuilder")
            .field("prefix", &self.prefix)
            .field("stream_name", &self.stream_name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
