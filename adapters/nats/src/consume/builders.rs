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
use super::setup::NatsConsumerSetup;
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

/// The durable name of all workers of a queue. The name is fixed so that all workers share the same durable consumers:
/// NATS rejects consumers of a work queue whose filters overlap.
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

            /// Sets the maximum number of concurrent handlers, which must be at least 1. The consumer requests no more
            /// messages than it has free handlers. Defaults to 32. Has no effect on partitioned channels, which handle
            /// one message of each partition at a time.
            pub fn concurrency(mut self, handlers: usize) -> Self {
                self.settings.concurrency = handlers;
                self
            }

            /// Sets the time after which a message is delivered again if its consumer was killed. The time must be at
            /// least 100 milliseconds. Defaults to 30 seconds. If consumers with the same durable name use different
            /// values, the value of the consumer that was started last applies to all of them.
            pub fn ack_wait(mut self, ack_wait: Duration) -> Self {
                self.settings.ack_wait = ack_wait;
                self
            }

            /// Sets whether the consumer waits until the server has confirmed each acknowledgement, so that fewer
            /// handled messages are delivered again after a failure. The confirmation costs one more round trip.
            /// Defaults to `false`.
            pub fn confirm_acknowledgements(mut self, confirm: bool) -> Self {
                self.settings.confirm = confirm;
                self
            }

            /// Sets how many lost deliveries of a message are tolerated. A delivery is lost if the consumer was killed
            /// or stopped before it acknowledged the message or handed it back. If a message is delivered more often
            /// than the attempts of the retry policy plus this number, it becomes a dead letter without another call of
            /// the handler. Defaults to 10.
            pub fn lost_deliveries(mut self, deliveries: u32) -> Self {
                self.settings.lost_deliveries = deliveries;
                self
            }

            /// Sets whether a running worker or listener creates its durable consumers and streams again after they
            /// were deleted. Defaults to `true`.
            ///
            /// With `false`, the worker or listener ends with
            /// [`ConsumerError::Lost`](castore_core::consumer::ConsumerError::Lost) after a deletion. Regardless of
            /// this option, it ends with the same error if it finds a durable consumer with the same name but different
            /// settings.
            pub fn recreate(mut self, recreate: bool) -> Self {
                self.settings.recreate = recreate;
                self
            }

            /// Sets the action for a message that passes a filter of the handler, but that this program cannot decode.
            /// Defaults to [`FailureAction::Retry`], because a consumer of a newer version of the program may be able
            /// to decode the message. Even with this action, a payload that is not a message of Castore becomes a dead
            /// letter immediately.
            pub fn undecodable_action(mut self, action: FailureAction) -> Self {
                self.settings.handler = self.settings.handler.undecodable_action(action);
                self
            }

            /// Sets a hook that is called with each dead letter, after the message was published to the stream of dead
            /// letters. Defaults to none.
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
    /// Creates the durable consumers, or compares existing ones with the expected settings, and starts the worker.
    ///
    /// # Errors
    /// [`NatsError::InvalidOption`] for the first invalid option. [`NatsError::ConsumerMismatch`] if a durable consumer
    /// exists with other settings. [`NatsError::Request`] if the server rejects a request or does not respond.
    pub async fn start(self) -> Result<ConsumerHandle, NatsError> {
        let durables = self.durables()?;
        run::start(self.settings, durables, false).await
    }

    /// Returns the setup of the durable consumers that the worker needs. Use it to create the durable consumers before
    /// the worker is started.
    ///
    /// # Errors
    /// [`NatsError::InvalidOption`] for the first invalid option.
    pub fn setup(&self) -> Result<NatsConsumerSetup, NatsError> {
        Ok(NatsConsumerSetup::new(&self.settings, self.durables()?, false))
    }

    /// Checks the options, and returns the durable consumers.
    fn durables(&self) -> Result<Vec<Durable>, NatsError> {
        let Self { settings } = self;
        settings.validate()?;
        let layout = &settings.connection.layout;
        let durables = layout.lanes().into_iter().map(|partition| Durable {
            name: name_of(&settings.durable_name, partition),
            filter_subjects: vec![layout.all(partition)],
            position: Position::Beginning,
        });
        Ok(durables.collect())
    }
}

impl<C: MessageChannel> NatsListenerBuilder<C> {
    /// Allows [`start`](Self::start) to replace the filter of existing durable consumers. By default, a different
    /// filter is an error.
    ///
    /// Use this option in the new version of a program whose listener has a different filter than before. Both versions
    /// can run side by side during a deployment: listeners with the old filter hand back the messages that pass only
    /// the new filter. Listeners of the new version then handle these messages. A message that was published before the
    /// filter was replaced, and that did not pass the old filter, is not delivered.
    pub fn replace_filter(self) -> Self {
        Self { replace_filter: true, ..self }
    }

    /// Creates the durable consumers, or compares existing ones with the expected settings, and starts the listener.
    /// The listener receives all messages that pass the filter and are published after this method has returned. If its
    /// durable consumer already existed, the listener also receives the earlier messages that the consumer has not yet
    /// acknowledged.
    ///
    /// # Errors
    /// [`NatsError::InvalidOption`] for the first invalid option; [`NatsError::InvalidName`] if the durable name is not
    /// valid. [`NatsError::ConsumerMismatch`] if a durable consumer exists with other settings. [`NatsError::Request`]
    /// if the server rejects a request or does not respond.
    pub async fn start(self) -> Result<ConsumerHandle, NatsError> {
        let durables = self.durables()?;
        let filter_subjects = durables.iter().flat_map(|durable| durable.filter_subjects.clone()).collect();
        run::start(Settings { filter_subjects, ..self.settings }, durables, self.replace_filter).await
    }

    /// Returns the setup of the durable consumers that the listener needs. Use it to create the durable consumers
    /// before the listener is started. The listener then also receives the messages that are published in the meantime.
    ///
    /// # Errors
    /// [`NatsError::InvalidOption`] for the first invalid option; [`NatsError::InvalidName`] if the durable name is not
    /// valid.
    pub fn setup(&self) -> Result<NatsConsumerSetup, NatsError> {
        Ok(NatsConsumerSetup::new(&self.settings, self.durables()?, self.replace_filter))
    }

    /// Checks the options, and returns the durable consumers.
    fn durables(&self) -> Result<Vec<Durable>, NatsError> {
        let Self { settings, patterns, .. } = self;
        settings.validate()?;
        check_name("durable name of a listener", &settings.durable_name, false)?;
        let layout = &settings.connection.layout;
        let durables = layout.lanes().into_iter().map(|partition| Durable {
            name: name_of(&settings.durable_name, partition),
            filter_subjects: filter_subjects(layout, patterns, partition),
            position: Position::End,
        });
        Ok(durables.collect())
    }
}

pub(super) fn name_of(durable_name: &str, partition: Option<u32>) -> String {
    match partition {
        None => durable_name.to_owned(),
        Some(partition) => format!("{durable_name}-{partition}"),
    }
}
