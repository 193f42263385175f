use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::MessageChannel;
use castore_core::consumer::{
    ConsumerHandle, DeadLetter, DeadLetterHook, FailureAction, FilterPattern, Listeners, MessageHandler, RetryPolicy,
};
use serde::de::DeserializeOwned;

use super::durable::{Durable, Position};
use super::run;
use super::settings::Settings;
use crate::NatsError;
use crate::connection::Connection;
use crate::publish::check_name;
use crate::subject::filter_subjects;

/// A builder of a [`NatsWorker`](crate::NatsWorker).
#[must_use = "`start` starts the worker"]
pub struct NatsWorkerBuilder<C: MessageChannel> {
    settings: Settings<C>,
}

/// A builder of a [`NatsListener`](crate::NatsListener).
#[must_use = "`start` starts the listener"]
pub struct NatsListenerBuilder<C: MessageChannel> {
    settings: Settings<C>,
    patterns: Vec<FilterPattern>,
    replace_filter: bool,
}

/// The durable name of all workers of a queue. It is fixed, because the consumers of a work queue must not overlap.
pub(super) const WORKER: &str = "worker";

impl<C: MessageChannel<Message: DeserializeOwned>> NatsWorkerBuilder<C> {
    pub(super) fn new(connection: Arc<Connection>, handler: MessageHandler<C>) -> Self {
        Self { settings: Settings::new(connection, WORKER.to_owned(), handler, decode::<C>) }
    }
}

impl<C: MessageChannel<Message: DeserializeOwned>> NatsListenerBuilder<C> {
    pub(super) fn new(connection: Arc<Connection>, durable_name: &str, listeners: Listeners<C>) -> Self {
        let patterns = listeners.patterns();
        let settings = Settings::new(connection, durable_name.to_owned(), listeners.into(), decode::<C>);
        Self { settings, patterns, replace_filter: false }
    }
}

fn decode<C: MessageChannel<Message: DeserializeOwned>>(json: &[u8]) -> Result<C::Message, serde_json::Error> {
    serde_json::from_slice(json)
}

macro_rules! options {
    ($builder:ident) => {
        impl<C: MessageChannel> $builder<C> {
            /// Sets how often and when a message is retried after its handler failed. Defaults to two retries, after
            /// 30 and 60 seconds.
            pub fn retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
                self.settings.retry_policy = retry_policy;
                self
            }

            /// Sets the maximum number of concurrent handlers, and of messages that are received ahead, which must be
            /// at least 1. Defaults to 32.
            pub fn concurrency(mut self, handlers: usize) -> Self {
                self.settings.concurrency = handlers;
                self
            }

            /// Sets the time after which a message is delivered again if its consumer was killed, which must be at
            /// least 100 milliseconds. Defaults to 30 seconds. If consumers with the same durable name use different
            /// values, the value of the one that was started last applies to all of them.
            pub fn ack_wait(mut self, ack_wait: Duration) -> Self {
                self.settings.ack_wait = ack_wait;
                self
            }

            /// Sets whether to wait until the server has confirmed each acknowledgement, so that fewer handled
            /// messages are delivered again after a failure. It costs one more round trip. Defaults to `false`.
            pub fn confirm_acknowledgements(mut self, confirm: bool) -> Self {
                self.settings.confirm = confirm;
                self
            }

            /// Sets how many deliveries of a message may be lost, in addition to the attempts of the retry policy,
            /// before the message becomes a dead letter without another call of the handler. A delivery is lost if the
            /// consumer was killed or stopped before it had acknowledged the message or handed it back. Defaults to 10.
            pub fn lost_deliveries(mut self, deliveries: u32) -> Self {
                self.settings.lost_deliveries = deliveries;
                self
            }

            /// Sets whether to create durable consumers and streams again if they are deleted while this consumer runs.
            /// Defaults to `true`.
            ///
            /// With `false`, the consumer ends with
            /// [`ConsumerError::Lost`](castore_core::consumer::ConsumerError::Lost) in this case. It always ends with
            /// this error if it finds a durable consumer of its name with other settings.
            pub fn recreate(mut self, recreate: bool) -> Self {
                self.settings.recreate = recreate;
                self
            }

            /// Sets what happens to a message that passes a filter and that this program cannot decode. Defaults to
            /// [`FailureAction::Retry`]: while a new version of the program is deployed, one of its consumers can
            /// decode it. A payload that is not a message of Castore becomes a dead letter immediately.
            pub fn undecodable_action(mut self, action: FailureAction) -> Self {
                self.settings.handler = self.settings.handler.undecodable_action(action);
                self
            }

            /// Sets a hook that is called with each dead letter, after the message was published to the stream of dead
            /// letters.
            pub fn on_dead_letter(mut self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) -> Self {
                self.settings.on_dead_letter = Some(DeadLetterHook::new(hook));
                self
            }
        }

        impl<C: MessageChannel> fmt::Debug for $builder<C> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .debug_struct(stringify!($builder))
                    .field("channel", &C::ID)
                    .field("stream", &self.settings.connection.stream)
                    .field("durable_name", &self.settings.durable_name)
                    .field("retry_policy", &self.settings.retry_policy)
                    .field("concurrency", &self.settings.concurrency)
                    .field("ack_wait", &self.settings.ack_wait)
                    .finish_non_exhaustive()
            }
        }
    };
}

options!(NatsWorkerBuilder);
options!(NatsListenerBuilder);

impl<C: MessageChannel> NatsWorkerBuilder<C> {
    /// Creates the durable consumers unless they exist, and starts the worker.
    ///
    /// # Errors
    /// [`NatsError::InvalidOption`], [`NatsError::ConsumerMismatch`] if a consumer exists with other settings,
    /// [`NatsError::Request`].
    pub async fn start(self) -> Result<ConsumerHandle, NatsError> {
        let Self { settings } = self;
        settings.validate()?;
        let layout = &settings.connection.layout;
        let durables = layout.lanes().into_iter().map(|partition| Durable {
            name: name_of(&settings.durable_name, partition),
            filter_subjects: vec![layout.all(partition)],
            position: Position::Beginning,
        });
        let durables = durables.collect();
        run::start(settings, durables, false).await
    }
}

impl<C: MessageChannel> NatsListenerBuilder<C> {
    /// Replaces the filter of existing durable consumers. By default, a different filter is an error.
    ///
    /// Use it in the new version of a program whose listener wants more or other messages than before. Running listeners
    /// of the same name that have the old filter hand back the messages that do not pass it, so that listeners of the new
    /// version handle them. Therefore both versions can run side by side during a deployment. Messages that were
    /// published before the filter was replaced, and did not pass the old one, are not delivered.
    pub fn replace_filter(self) -> Self {
        Self { replace_filter: true, ..self }
    }

    /// Creates the durable consumers unless they exist, and starts the listener. It receives all messages that pass
    /// the filter and are published after this method has returned.
    ///
    /// # Errors
    /// [`NatsError::InvalidOption`], [`NatsError::InvalidName`] for the durable name, [`NatsError::ConsumerMismatch`]
    /// if a consumer exists with other settings, [`NatsError::Request`].
    pub async fn start(self) -> Result<ConsumerHandle, NatsError> {
        let Self { settings, patterns, replace_filter } = self;
        settings.validate()?;
        check_name("durable name of a listener", &settings.durable_name, false)?;
        let layout = &settings.connection.layout;
        let durables = layout.lanes().into_iter().map(|partition| Durable {
            name: name_of(&settings.durable_name, partition),
            filter_subjects: filter_subjects(layout, &patterns, partition),
            position: Position::End,
        });
        let durables: Vec<Durable> = durables.collect();
        let filter_subjects = durables.iter().flat_map(|durable| durable.filter_subjects.clone()).collect();
        run::start(Settings { filter_subjects, ..settings }, durables, replace_filter).await
    }
}

pub(super) fn name_of(durable_name: &str, partition: Option<u32>) -> String {
    match partition {
        None => durable_name.to_owned(),
        Some(partition) => format!("{durable_name}-{partition}"),
    }
}
