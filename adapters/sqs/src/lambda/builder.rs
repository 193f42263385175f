use std::fmt;
use std::sync::Arc;

use castore_core::channel::{ClaimCheck, MessageChannel};
use castore_core::consumer::{DeadLetter, DeadLetterHook, FailureAction, MessageHandler, RetryPolicy};
use castore_core::error::InvalidOptionError;
use serde::de::DeserializeOwned;

use super::SqsLambdaHandler;
use crate::message::decode;

/// A builder of an [`SqsLambdaHandler`].
#[must_use = "`build` creates the handler"]
pub struct SqsLambdaHandlerBuilder<C: MessageChannel>(SqsLambdaHandler<C>);

impl<C: MessageChannel<Message: DeserializeOwned>> SqsLambdaHandlerBuilder<C> {
    pub(super) fn new(_: &C, handler: MessageHandler<C>) -> Self {
        Self(SqsLambdaHandler {
            handler,
            decode: decode::<C>,
            retry_policy: RetryPolicy::default(),
            concurrency: 10,
            claim_check: None,
            on_dead_letter: None,
        })
    }
}

impl<C: MessageChannel> SqsLambdaHandlerBuilder<C> {
    /// Sets the retry policy. The context of a handler shows how many attempts of the policy are left, and a message
    /// becomes a dead letter after the last attempt. The number of attempts (the number of retries plus one) should
    /// equal the `maxReceiveCount` of the queue's redrive policy. The delays of the policy have no effect. Defaults to
    /// three attempts.
    pub fn retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
        self.0.retry_policy = retry_policy;
        self
    }

    /// Sets the maximum number of concurrent handlers, which must be at least 1. Defaults to 10.
    pub fn concurrency(mut self, handlers: usize) -> Self {
        self.0.concurrency = handlers;
        self
    }

    /// Sets the claim check that fetches large messages. Use the claim check with which the publishers store these
    /// messages. Defaults to none.
    pub fn claim_check(mut self, claim_check: Arc<dyn ClaimCheck>) -> Self {
        self.0.claim_check = Some(claim_check);
        self
    }

    /// Sets the action for a message that passes a filter of the handler, but that this program cannot decode. Defaults
    /// to [`FailureAction::Retry`]. See [`MessageHandler::undecodable_action`].
    pub fn undecodable_action(mut self, action: FailureAction) -> Self {
        self.0.handler = self.0.handler.undecodable_action(action);
        self
    }

    /// Sets a hook that is called with each dead letter, before the message is reported as failed. A dead letter is a
    /// message whose last attempt failed or whose failure is permanent. If SQS delivers the message once more, the hook
    /// is called again. Defaults to none.
    pub fn on_dead_letter(mut self, hook: impl Fn(DeadLetter<C::Message>) + Send + Sync + 'static) -> Self {
        self.0.on_dead_letter = Some(DeadLetterHook::new(hook));
        self
    }

    /// Builds the handler.
    ///
    /// # Errors
    /// [`InvalidOptionError`] for the first option with an invalid value.
    pub fn build(self) -> Result<SqsLambdaHandler<C>, InvalidOptionError> {
        InvalidOptionError::check(self.0.concurrency > 0, "concurrency", "must be at least 1")?;
        Ok(self.0)
    }
}

impl<C: MessageChannel> fmt::Debug for SqsLambdaHandlerBuilder<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SqsLambdaHandlerBuilder").field(&self.0).finish()
    }
}
