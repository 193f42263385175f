use std::collections::BTreeSet;
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{self, AckPolicy, Consumer, DeliverPolicy};
use async_nats::jetstream::stream::{ConsumerCreateStrictErrorKind, ConsumerErrorKind};
use castore_core::consumer::ResourceChange;

use crate::NatsError;
use crate::connection::Connection;
use crate::error::FILTER_SUBJECTS;

pub(super) type PullConsumer = Consumer<Config>;

/// A durable consumer. The server stores the state of such a consumer.
#[derive(Debug, Clone)]
pub(super) struct Durable {
    pub(super) name: String,
    pub(super) filter_subjects: Vec<String>,
    pub(super) position: Position,
}

/// The position where a new consumer starts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Position {
    /// The first message of the stream. This position is used for queues, and for consumers that are created again.
    Beginning,
    /// The position after the last message of the stream. The consumer receives the messages that are published from
    /// now on.
    End,
}

/// The state of a consumer on the server after a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restored {
    /// The consumer exists.
    Found,
    /// The consumer was created, by this process or another one.
    Created,
}

impl Durable {
    fn config(&self, ordered: bool, ack_wait: Duration) -> Config {
        Config {
            durable_name: Some(self.name.clone()),
            deliver_policy: match self.position {
                Position::Beginning => DeliverPolicy::All,
                Position::End => DeliverPolicy::New,
            },
            ack_policy: AckPolicy::Explicit,
            ack_wait,
            // Unlimited, because the server would silently drop a message after its last delivery.
            max_deliver: -1,
            // On ordered channels, at most one message may be pending, because a second message would be handled while
            // the first one waits for its retry. On other channels the number is unlimited, so that messages that wait
            // for a retry do not block other messages.
            max_ack_pending: if ordered { 1 } else { -1 },
            filter_subjects: self.filter_subjects.clone(),
            ..Config::default()
        }
    }

    /// Creates the consumer, or compares the existing one with the expected settings. Updates the existing consumer if
    /// its `ack_wait` differs, or if its filter differs and `replace_filter` is set. A difference in another setting
    /// that [`check`](Self::check) compares is an error.
    pub(super) async fn set_up(
        &self,
        connection: &Connection,
        ordered: bool,
        ack_wait: Duration,
        replace_filter: bool,
    ) -> Result<PullConsumer, NatsError> {
        let config = self.config(ordered, ack_wait);
        let (jetstream, stream) = (&connection.jetstream, &connection.stream);
        let found = match self.found(connection).await? {
            Some(found) => found,
            None => match jetstream.create_consumer_strict_on_stream(config.clone(), stream).await {
                Ok(created) => return Ok(created),
                // Another process has created the consumer in the meantime.
                Err(error) if matches!(error.kind(), ConsumerCreateStrictErrorKind::AlreadyExists) => {
                    self.found(connection).await?.ok_or_else(|| self.request("creating", error))?
                }
                Err(error) => return Err(self.request("creating", error)),
            },
        };
        let existing = &found.cached_info().config;
        let change_filter = self.check(stream, existing, &config, replace_filter)?;
        if change_filter || existing.ack_wait != ack_wait {
            let updated = jetstream.update_consumer_on_stream(config, stream).await;
            return updated.map_err(|error| self.request("updating", error));
        }
        Ok(found)
    }

    /// Returns the change that [`set_up`](Self::set_up) would make. Changes nothing.
    pub(super) async fn plan(
        &self,
        connection: &Connection,
        ordered: bool,
        ack_wait: Duration,
        replace_filter: bool,
    ) -> Result<ResourceChange, NatsError> {
        let Some(found) = self.found(connection).await? else { return Ok(ResourceChange::Create) };
        let existing = &found.cached_info().config;
        let change_filter =
            self.check(&connection.stream, existing, &self.config(ordered, ack_wait), replace_filter)?;
        let is_changed = change_filter || existing.ack_wait != ack_wait;
        Ok(if is_changed { ResourceChange::Update } else { ResourceChange::Unchanged })
    }

    /// Checks that the durable consumer of a running program still exists. If it was deleted, creates the consumer
    /// again, and also its stream if necessary. If `recreate` is `false`, the deletion is an error.
    ///
    /// A consumer that is created again begins with the first message of its stream: it handles messages that were
    /// published since the deletion, and may handle earlier messages again.
    ///
    /// # Cancellation
    /// If the future is dropped, the consumer may or may not have been created. The next call checks this.
    pub(super) async fn restore(
        &self,
        connection: &Connection,
        ordered: bool,
        ack_wait: Duration,
        recreate: bool,
    ) -> Result<Restored, NatsError> {
        if let Some(found) = self.found(connection).await? {
            let expected = self.config(ordered, ack_wait);
            self.check(&connection.stream, &found.cached_info().config, &expected, false)?;
            return Ok(Restored::Found);
        }
        if !recreate {
            return Err(NatsError::ConsumerDeleted { stream: connection.stream.clone(), consumer: self.name.clone() });
        }
        connection.set_up_streams().await?;
        let from_the_beginning = Self { position: Position::Beginning, ..self.clone() };
        from_the_beginning.set_up(connection, ordered, ack_wait, false).await?;
        Ok(Restored::Created)
    }

    async fn found(&self, connection: &Connection) -> Result<Option<PullConsumer>, NatsError> {
        match connection.jetstream.get_consumer_from_stream(&self.name, &connection.stream).await {
            Ok(consumer) => Ok(Some(consumer)),
            Err(error) if is_missing(&error.kind()) => Ok(None),
            Err(error) => Err(self.request("looking for", error)),
        }
    }

    fn request(&self, what: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> NatsError {
        NatsError::request(format_args!("{what} consumer {}", self.name), source)
    }

    /// Returns whether the filter must be replaced. Fails if another compared setting differs, or if the filter differs
    /// and `replace_filter` is `false`.
    fn check(
        &self,
        stream: &str,
        found: &consumer::Config,
        expected: &Config,
        replace_filter: bool,
    ) -> Result<bool, NatsError> {
        let mismatch = |field, found: String, expected: String| {
            Err(NatsError::ConsumerMismatch {
                stream: stream.to_owned(),
                consumer: self.name.clone(),
                field,
                found,
                expected,
            })
        };
        let debug = |value: &dyn std::fmt::Debug| format!("{value:?}");
        if found.deliver_subject.is_some() {
            return mismatch("deliver_subject", debug(&found.deliver_subject), "none".to_owned());
        }
        if found.ack_policy != expected.ack_policy {
            return mismatch("acknowledgement policy", debug(&found.ack_policy), debug(&expected.ack_policy));
        }
        if found.max_ack_pending != expected.max_ack_pending {
            let (found, expected) = (found.max_ack_pending.to_string(), expected.max_ack_pending.to_string());
            return mismatch("max_ack_pending", found, expected);
        }
        if found.max_deliver != expected.max_deliver {
            return mismatch("max_deliver", found.max_deliver.to_string(), expected.max_deliver.to_string());
        }
        let one = Some(&found.filter_subject).filter(|subject| !subject.is_empty());
        let filters: BTreeSet<&String> = found.filter_subjects.iter().chain(one).collect();
        let wanted: BTreeSet<&String> = expected.filter_subjects.iter().collect();
        if filters == wanted {
            Ok(false)
        } else if replace_filter {
            Ok(true)
        } else {
            mismatch(FILTER_SUBJECTS, debug(&filters), debug(&wanted))
        }
    }
}

/// Returns whether a consumer or its stream does not exist.
pub(super) fn is_missing(kind: &ConsumerErrorKind) -> bool {
    match kind {
        ConsumerErrorKind::JetStream(refusal) => {
            matches!(refusal.error_code(), ErrorCode::CONSUMER_NOT_FOUND | ErrorCode::STREAM_NOT_FOUND)
        }
        _ => false,
    }
}
