use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use castore_core::channel::{ClaimCheck, MessageChannel, MessageQueue};
use castore_core::consumer::{
    DeadLetter, DeadLetterHook, HandlerError, HandlingOutcome, Listeners, MessageContext, MessageHandler,
    ReceivedMessage, RetryPolicy, UndecodableMessage,
};
use castore_core::error::error_chain;
use futures_util::{StreamExt, stream};
use serde::de::DeserializeOwned;

use super::record::delivery;
use super::{SqsLambdaHandlerBuilder, SqsMessageQueueRecord};
use crate::MalformedMessageError;
use crate::message::{Decode, Unread};
use crate::queue_url::is_fifo;

/// A handler for a Lambda function that an SQS queue invokes with messages.
///
/// ```no_run
/// # async fn example<C>(app_queue: &C, event: serde_json::Value) -> Result<(), Box<dyn std::error::Error>>
/// # where C: castore_core::channel::MessageQueue, C::Message: serde::de::DeserializeOwned {
/// use castore_sqs::SqsLambdaHandler;
///
/// // Once, when the function starts:
/// let handler = SqsLambdaHandler::builder(app_queue, |message, context| async move {
///     println!("attempt {}: {message:?}", context.attempt);
///     Ok(())
/// })
/// .build()?;
/// // For each invocation. `lambda_runtime` reads the event and writes the response.
/// let response = handler.handle(&serde_json::from_value(event)?).await;
/// println!("{}", serde_json::to_string(&response)?);
/// # Ok(())
/// # }
/// ```
///
/// # Event source mapping
/// * Set `FunctionResponseTypes: [ReportBatchItemFailures]`. Without this setting, Lambda ignores the response, and
///   **failed messages are deleted**.
/// * Give the queue a redrive policy. Only the redrive policy determines how often a message is delivered, and only the
///   visibility timeout of the queue determines when a failed message is delivered again. The [`RetryPolicy`] has two
///   effects: it determines how many attempts are left according to the context of the handler, and when the
///   dead-letter hook is called.
///
/// A message that this program cannot decode is ignored if it passes no filter of the [`Listeners`]. Otherwise the
/// message is reported as failed at each delivery, until SQS moves it to the dead-letter queue. The option
/// [`undecodable_action`](SqsLambdaHandlerBuilder::undecodable_action) selects another action for messages that pass a
/// filter.
///
/// # FIFO queues
/// The messages of a group are handled one after the other. After a failure, the later messages of the group are
/// reported as failed without being handled. Other groups continue, unless the handler returned [`HandlerError::stop`]:
/// then no further message of the invocation is handled.
pub struct SqsLambdaHandler<C: MessageChannel> {
    pub(super) handler: MessageHandler<C>,
    pub(super) decode: Decode<C::Message>,
    pub(super) retry_policy: RetryPolicy,
    pub(super) concurrency: usize,
    pub(super) claim_check: Option<Arc<dyn ClaimCheck>>,
    pub(super) on_dead_letter: Option<DeadLetterHook<C::Message>>,
}

/// Records that are handled one after the other, with their indexes in the event.
type Lane<'a> = Vec<(usize, &'a SqsMessage)>;

impl<C: MessageQueue<Message: DeserializeOwned>> SqsLambdaHandler<C> {
    /// Returns a builder of a handler that calls `handler` with each message. The channel determines only the type of
    /// the messages, and needs no adapter.
    pub fn builder<F, Fut>(channel: &C, handler: F) -> SqsLambdaHandlerBuilder<C>
    where
        F: Fn(ReceivedMessage<C::Message>, MessageContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        SqsLambdaHandlerBuilder::new(channel, MessageHandler::new(handler))
    }

    /// Returns a builder of a handler that calls each handler in `listeners` with the messages that pass the filter of the
    /// handler.
    pub fn builder_with_listeners(channel: &C, listeners: Listeners<C>) -> SqsLambdaHandlerBuilder<C> {
        SqsLambdaHandlerBuilder::new(channel, listeners.into())
    }
}

impl<C: MessageChannel> SqsLambdaHandler<C> {
    /// Handles the messages of an invocation. Returns the response, which lists the messages that SQS must deliver
    /// again. Failures are logged without the content of the messages.
    pub async fn handle(&self, event: &SqsEvent) -> SqsBatchResponse {
        let stopped = AtomicBool::new(false);
        // The lanes are collected first, because the compiler does not recognize that a stream with a closure is
        // `Send`.
        let lanes: Vec<_> = lanes(event).into_iter().map(|lane| self.run_lane(lane, &stopped)).collect();
        let mut failed: Lane<'_> =
            stream::iter(lanes).buffer_unordered(self.concurrency).collect::<Vec<_>>().await.concat();
        failed.sort_unstable_by_key(|(index, _)| *index);
        let mut response = SqsBatchResponse::default();
        for (_, record) in failed {
            // If a record has no id, the empty id makes Lambda treat the whole batch as failed, so no failure is lost.
            response.add_failure(record.message_id.clone().unwrap_or_default());
        }
        response
    }

    /// Handles records one after the other (the records of one FIFO message group, or a single record of a standard
    /// queue), until one fails or a handler stops the invocation.
    /// Returns the messages that were not handled, including the one that failed.
    async fn run_lane<'a>(&self, lane: Lane<'a>, stopped: &AtomicBool) -> Lane<'a> {
        for (at, (_, record)) in lane.iter().enumerate() {
            if stopped.load(Ordering::Acquire) || !self.is_handled(record, stopped).await {
                return lane.into_iter().skip(at).collect();
            }
        }
        Vec::new()
    }

    async fn is_handled(&self, record: &SqsMessage, stopped: &AtomicBool) -> bool {
        let received = match SqsMessageQueueRecord::<C>::read(record, self.decode, self.claim_check.as_deref()).await {
            Ok(received) => received,
            Err(Unread::Malformed(body, error)) => return self.is_ignored(record, body, error, stopped),
            Err(Unread::NotNow(error)) => {
                tracing::warn!(
                    channel = C::ID,
                    sqs_message_id = record.message_id.as_deref(),
                    error = error_chain(&error),
                    "could not fetch a large message"
                );
                return false;
            }
        };
        let SqsMessageQueueRecord { message, attempt, replay, .. } = received;
        let message = Arc::new(message);
        match self.handler.attempt(message.clone(), attempt, replay, &self.retry_policy).await {
            HandlingOutcome::Done => true,
            HandlingOutcome::Retry(..) => false,
            HandlingOutcome::Park(error) => {
                let letter = DeadLetter::new(ReceivedMessage::new(message), attempt, replay, error);
                self.handler.dead_letter(self.on_dead_letter.as_ref(), letter);
                false
            }
            HandlingOutcome::Stop(_) => {
                stopped.store(true, Ordering::Release);
                false
            }
        }
    }
}

impl<C: MessageChannel> SqsLambdaHandler<C> {
    /// Decides what happens to a message that cannot be decoded. Returns whether the message is acknowledged.
    fn is_ignored(
        &self,
        record: &SqsMessage,
        body: String,
        error: MalformedMessageError,
        stopped: &AtomicBool,
    ) -> bool {
        let (attempt, replay) = delivery(record);
        let message = UndecodableMessage::new(body, replay);
        match self.handler.attempt_undecodable(&message, error, attempt, &self.retry_policy) {
            HandlingOutcome::Done => true,
            HandlingOutcome::Retry(..) => false,
            HandlingOutcome::Park(error) => {
                let letter = DeadLetter::undecodable(message, attempt, error);
                self.handler.dead_letter(self.on_dead_letter.as_ref(), letter);
                false
            }
            HandlingOutcome::Stop(_) => {
                stopped.store(true, Ordering::Release);
                false
            }
        }
    }
}

/// Groups the records of an event into lanes. Each message group of a FIFO queue has a lane, and so has each record of
/// a standard queue.
fn lanes(event: &SqsEvent) -> Vec<Lane<'_>> {
    let mut lanes: Vec<(Option<&str>, Lane<'_>)> = Vec::new();
    for (index, record) in event.records.iter().enumerate() {
        let fifo = record.event_source_arn.as_deref().is_some_and(is_fifo);
        // Messages of standard queues may have groups, too, but these groups are not ordered.
        let group = if fifo { record.attributes.get("MessageGroupId").map(String::as_str) } else { None };
        match lanes.iter_mut().find(|(other, _)| group.is_some() && *other == group) {
            Some((_, lane)) => lane.push((index, record)),
            None => lanes.push((group, vec![(index, record)])),
        }
    }
    lanes.into_iter().map(|(_, lane)| lane).collect()
}

impl<C: MessageChannel> fmt::Debug for SqsLambdaHandler<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqsLambdaHandler")
            .field("channel", &C::ID)
            .field("retry_policy", &self.retry_policy)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
