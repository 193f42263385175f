use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::attempt::{self, Call, HandlingOutcome};
use super::dead_letter::record_dead_letter;
use super::status::Counters;
use super::{
    DeadLetter, DeadLetterHook, FailureAction, FilterPattern, HandlerError, Listeners, MessageContext, ReceivedMessage,
    RetryPolicy, UndecodableMessage,
};
use crate::channel::MessageChannel;
use crate::metrics::{self, Meter};

/// The handler that a consumer calls with each message of channel `C`: a closure, or [`Listeners`]. The type is for
/// authors of adapters.
pub struct MessageHandler<C: MessageChannel> {
    call: Call<C::Message>,
    /// The patterns of the messages that the handler wants.
    patterns: Arc<[FilterPattern]>,
    undecodable: FailureAction,
    counters: Arc<Counters>,
}

impl<C: MessageChannel> MessageHandler<C> {
    /// Creates a handler that calls `handler` with each message.
    pub fn new<F, Fut>(handler: F) -> Self
    where
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let call: Call<C::Message> =
            Arc::new(move |message, context| Box::pin(handler(ReceivedMessage::new(message), context)));
        Self::of(call, vec![FilterPattern::all().on_replay(true)])
    }

    fn of(call: Call<C::Message>, patterns: Vec<FilterPattern>) -> Self {
        Self { call, patterns: patterns.into(), undecodable: FailureAction::default(), counters: Arc::default() }
    }

    /// Sets the action for a message that passes a filter but that this program cannot decode. Defaults to
    /// [`FailureAction::Retry`], because during the deployment of a new version of the program, an instance of the new
    /// version may be able to decode the message. With `Retry`, a body without an event store id still becomes a dead
    /// letter immediately.
    #[must_use]
    pub fn undecodable_action(self, action: FailureAction) -> Self {
        Self { undecodable: action, ..self }
    }

    /// Makes `meter` record the duration of each attempt, as the instrument `messaging.process.duration`. `listener` is
    /// the name of the worker or listener, for the attribute `messaging.consumer.group.name`. By default, no durations
    /// are recorded.
    #[must_use]
    pub fn metered(self, listener: impl Into<Arc<str>>, meter: Arc<dyn Meter>) -> Self {
        Self { call: metrics::metered(self.call, C::ID, listener.into(), meter), ..self }
    }

    /// Records whether the last request for messages succeeded, for [`ConsumerStatus::is_receiving`]. This method is
    /// for authors of adapters.
    ///
    /// [`ConsumerStatus::is_receiving`]: crate::consumer::ConsumerStatus::is_receiving
    pub fn set_receiving(&self, is_receiving: bool) {
        self.counters.set_receiving(is_receiving);
    }

    pub(super) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Calls the handler once, in the [context](crate::context) of the message. A panic is treated as a failure.
    ///
    /// # Errors
    /// The error of the handler.
    pub async fn handle(&self, message: Arc<C::Message>, context: MessageContext) -> Result<(), HandlerError> {
        attempt::handle(&self.call, C::ID, &message, context).await
    }

    /// Calls the handler once, and returns the action that the adapter must take. A failure is counted and logged.
    /// `attempt` is the number of this attempt, from 1.
    ///
    /// # Cancellation
    /// If the future is dropped, the handler's future is dropped, too.
    pub async fn attempt(
        &self,
        message: Arc<C::Message>,
        attempt: u32,
        replay: bool,
        retry_policy: &RetryPolicy,
    ) -> HandlingOutcome {
        let verdict =
            attempt::attempt(&self.call, &self.counters, C::ID, &message, attempt, replay, retry_policy).await;
        if let HandlingOutcome::Park(error) = &verdict {
            attempt::log_given_up(C::ID, &*message, attempt, error);
        }
        verdict
    }

    /// Returns the action that the adapter must take for a message that could not be decoded, and logs the problem.
    /// `error` is the decoding error, and `attempt` is the number of this attempt, from 1. For a message that passes no
    /// filter of the handler, the action is [`Done`](HandlingOutcome::Done).
    pub fn attempt_undecodable(
        &self,
        message: &UndecodableMessage,
        error: impl Error + Send + Sync + 'static,
        attempt: u32,
        retry_policy: &RetryPolicy,
    ) -> HandlingOutcome {
        let error = HandlerError::with_action(error, self.undecodable);
        attempt::attempt_undecodable(&self.counters, &self.patterns, C::ID, message, error, attempt, retry_policy)
    }
}

impl<C: MessageChannel> MessageHandler<C> {
    /// Counts a dead letter in the [status](crate::consumer::ConsumerStatus) of the consumer, and calls the hook.
    /// Adapters call this method after the message was moved to the dead letters, and before they acknowledge the
    /// message.
    pub fn dead_letter(&self, hook: Option<&DeadLetterHook<C::Message>>, letter: DeadLetter<C::Message>) {
        record_dead_letter(&self.counters, C::ID, hook, letter);
    }
}

impl<C: MessageChannel> From<Listeners<C>> for MessageHandler<C> {
    fn from(listeners: Listeners<C>) -> Self {
        let patterns = listeners.patterns();
        Self::of(Arc::new(listeners).into_call(), patterns)
    }
}

impl<C: MessageChannel> Clone for MessageHandler<C> {
    fn clone(&self) -> Self {
        Self {
            call: self.call.clone(),
            patterns: self.patterns.clone(),
            undecodable: self.undecodable,
            counters: self.counters(),
        }
    }
}

impl<C: MessageChannel> fmt::Debug for MessageHandler<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MessageHandler").field("channel", &C::ID).finish_non_exhaustive()
    }
}
