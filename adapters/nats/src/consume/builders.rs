use std::fmt;
use std::future::Future;
use std::time::Duration;

use castore_core::channel::{MessageBus, MessageChannel, MessageQueue};
use castore_core::consumer::{
    ChannelFilter, ConsumerHandle, DeadLetter, DeadLetterHook, FilterPattern, HandlerError, Listeners, MessageContext,
    MessageHandler, ReceivedMessage, RetryPolicy,
};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::durable::{Durable, Position};
use super::run;
use super::settings::Settings;
use crate::publish::check_name;
use crate::subject::filter_subjects;
use crate::{NatsBus, NatsError, NatsQueue};

/// Handles the messages of a queue. See [`NatsMessageQueueAdapter`](crate::NatsMessageQueueAdapter) for an example.
///
/// Start as many as you like, in as many processes: the server shares the messages out among them. A message is
/// acknowledged when its handler is done with it. One whose handler failed comes again after the delay of the
/// [`RetryPolicy`], to this worker or another. While a handler runs the server is told so three times in each
/// [`ack_wait`](Self::ack_wait): it may take as long as it likes. Do not block the thread in it, nor the runtime.
///
/// # Order
/// On a [partitioned](crate::NatsPartitionedMessageQueueAdapter) queue one message of each partition is handled at a time, by
/// whichever worker has it, and [`concurrency`](Self::concurrency) does not matter.
///
/// # Dead letters
/// A message that no attempt could handle, or whose failure is permanent, is published to `<prefix>.dead.worker`, in the
/// stream of dead letters, and then acknowledged. Its headers say where it came from (`Castore-Subject`), how often it was
/// tried (`Castore-Attempts`) and which class of error the last one was (`Castore-Error-Class`): `retry`, `park`,
/// `malformed` for what is no message of the channel, `lost` for what was handed out
/// [too often](Self::lost_deliveries). It is never dropped by the server.
///
/// # The attempt
/// is how often the server handed the message out. What a worker had when it died counts, so the last attempt of a message may
/// be one that began after more: it is then tried once more each time, until it was handed out
/// [so many times](Self::lost_deliveries) in vain that it is suspected of killing its workers.
#[must_use = "a worker works when it is started"]
pub struct NatsWorker<C: MessageChannel> {
    settings: Settings<C>,
}

/// Handles the messages of a bus that pass a filter. See [`NatsMessageBusAdapter`](crate::NatsMessageBusAdapter) for an
/// example.
///
/// The durable name is the listener: those with the same name share the messages, those with different ones each get all
/// of them. A name that is new gets what is published from then on. It all is as with [`NatsWorker`]; dead letters go
/// to `<prefix>.dead.<durable name>`.
///
/// The server sends what passes the filter, as far as subjects can say it; the rest is looked at here, and acknowledged.
/// A filter that differs from what the durable consumer has is [an error](NatsError::ConsumerMismatch), unless
/// [`replace_filter`](Self::replace_filter) says otherwise.
#[must_use = "a listener listens when it is started"]
pub struct NatsListener<C: MessageChannel> {
    settings: Settings<C>,
    patterns: Vec<FilterPattern>,
    replace_filter: bool,
}

/// The durable name of a queue's workers, of which there is one: a work queue shares messages out among equals.
const WORKER: &str = "worker";

impl<C: MessageQueue<Message: DeserializeOwned>> NatsWorker<C> {
    /// A worker that calls `handler` with each message.
    pub fn new<F, Fut>(adapter: &impl NatsQueue<C>, handler: F) -> Self
    where
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        Self::of(adapter, MessageHandler::new(handler))
    }

    /// A worker that calls those of the listeners whose filter a message passes.
    pub fn listening(adapter: &impl NatsQueue<C>, listeners: Listeners<C>) -> Self {
        Self::of(adapter, listeners.into())
    }

    fn of(adapter: &impl NatsQueue<C>, handler: MessageHandler<C>) -> Self {
        let settings = Settings::new(adapter.connection(), WORKER.to_owned(), handler, decode::<C>);
        Self { settings }
    }
}

impl<C: MessageBus<Message: DeserializeOwned>> NatsListener<C> {
    /// A listener that calls `handler` with each message that passes `filter`. The name is letters, digits, `_` and `-`.
    pub fn new<F, M, H, Fut>(adapter: &impl NatsBus<C>, durable_name: &str, filter: F, handler: H) -> Self
    where
        // `M` apart from `F`, as in `Listeners::on`.
        F: ChannelFilter<C, Message = M>,
        M: Send + Sync + 'static,
        H: Fn(ReceivedMessage<M>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        Self::listening(adapter, durable_name, Listeners::new().on(filter, handler))
    }

    /// A listener that calls those of the handlers whose filter a message passes.
    pub fn listening(adapter: &impl NatsBus<C>, durable_name: &str, listeners: Listeners<C>) -> Self {
        let patterns = listeners.patterns();
        let settings = Settings::new(adapter.connection(), durable_name.to_owned(), listeners.into(), decode::<C>);
        Self { settings, patterns, replace_filter: false }
    }
}

fn decode<C: MessageChannel<Message: DeserializeOwned>>(json: &[u8]) -> Result<C::Message, serde_json::Error> {
    serde_json::from_slice(json)
}

macro_rules! options {
    ($consumer:ident) => {
        impl<C: MessageChannel> $consumer<C> {
            /// How messages are tried again whose handler failed: Castore's default, two retries after 30 and 60 s, if
            /// not set.
            pub fn retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
                self.settings.retry_policy = retry_policy;
                self
            }

            /// How many handlers run at the same time: 32 if not set, at least one. No more messages than these are held.
            pub fn concurrency(mut self, handlers: usize) -> Self {
                self.settings.concurrency = handlers.clamp(1, Semaphore::MAX_PERMITS);
                self
            }

            /// After what time a message comes again whose consumer was killed: 30 s if not set, at least 100 ms. The
            /// last who starts with another value changes it for all.
            pub fn ack_wait(mut self, ack_wait: Duration) -> Self {
                self.settings.ack_wait = ack_wait.max(Duration::from_millis(100));
                self
            }

            /// Waits until the server has confirmed each acknowledgement, so that a message that was handled comes again
            /// less often after a failure. It takes a round trip more. Off if not set.
            pub fn confirm_acknowledgements(mut self, confirm: bool) -> Self {
                self.settings.confirm = confirm;
                self
            }

            /// How often a message may be handed out in vain, beyond the attempts of the retry policy, until it goes to
            /// the dead letters without another call: 10 times if not set. It was handed out in vain when its
            /// consumer was killed, or stopped, before it could say what became of it.
            pub fn lost_deliveries(mut self, deliveries: u32) -> Self {
                self.settings.lost_deliveries = deliveries;
                self
            }

            /// Calls `hook` with each message that no attempt could handle, after it was published to the dead letters.
            pub fn on_dead_letter(mut self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) -> Self {
                self.settings.on_dead_letter = Some(DeadLetterHook::new(hook));
                self
            }
        }

        impl<C: MessageChannel> fmt::Debug for $consumer<C> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .debug_struct(stringify!($consumer))
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

options!(NatsWorker);
options!(NatsListener);

impl<C: MessageChannel> NatsWorker<C> {
    /// Creates the durable consumers unless they exist, and starts.
    ///
    /// # Errors
    /// [`NatsError::ConsumerMismatch`] if one exists with other settings, [`NatsError::Request`].
    pub async fn start(self) -> Result<ConsumerHandle, NatsError> {
        let Self { settings } = self;
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

impl<C: MessageChannel> NatsListener<C> {
    /// Gives the durable consumers this filter if they exist with another one.
    ///
    /// A message that the one filter lets pass and the other does not is lost to a listener of the same name that still
    /// runs with the other: whoever of them gets it acknowledges it. So stop those first. What was published before is
    /// not caught up with.
    pub fn replace_filter(self) -> Self {
        Self { replace_filter: true, ..self }
    }

    /// Creates the durable consumers unless they exist, and starts. What is published after this returns reaches the
    /// listener, if it passes the filter.
    ///
    /// # Errors
    /// [`NatsError::InvalidName`] of the durable name, [`NatsError::ConsumerMismatch`] if a consumer exists with other
    /// settings, [`NatsError::Request`].
    pub async fn start(self) -> Result<ConsumerHandle, NatsError> {
        let Self { settings, patterns, replace_filter } = self;
        check_name("durable name of a listener", &settings.durable_name, false)?;
        let layout = &settings.connection.layout;
        let durables = layout.lanes().into_iter().map(|partition| Durable {
            name: name_of(&settings.durable_name, partition),
            filter_subjects: filter_subjects(layout, &patterns, partition),
            position: Position::End,
        });
        let durables = durables.collect();
        run::start(settings, durables, replace_filter).await
    }
}

fn name_of(durable_name: &str, partition: Option<u32>) -> String {
    match partition {
        None => durable_name.to_owned(),
        Some(partition) => format!("{durable_name}-{partition}"),
    }
}
