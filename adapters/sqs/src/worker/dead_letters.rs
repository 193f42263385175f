use std::collections::HashSet;
use std::fmt;
use std::ops::ControlFlow;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageAttributeValue, MessageSystemAttributeName,
};
use castore_aws::{Request, RequestPolicy, request_options, without_retries};
use castore_core::consumer::{DeadLetters, DeadLettersError, StoredDeadLetter};

use super::batches::in_batches;
use crate::QueueUrl;
use crate::message::{REPLAY, is_replay};
use crate::queue_url::is_fifo;

/// How long the messages that an operation receives are hidden. Before the operation returns, it makes the messages
/// that it has not removed visible again.
const HIDDEN_SECONDS: i32 = 30;

/// How long a request waits for messages. Without waiting, SQS queries only some of its servers.
const WAIT_SECONDS: i32 = 1;

/// The dead letters of a queue's consumers, which are stored in a
/// [dead-letter queue](crate::SqsWorkerBuilder::dead_letter_queue_url).
///
/// ```
/// # use castore_core::consumer::{DeadLetters, DeadLettersError};
/// # use castore_sqs::{QueueUrl, SqsDeadLetters};
/// # async fn example(client: aws_sdk_sqs::Client) -> Result<(), DeadLettersError> {
/// let (queue, dead) = (QueueUrl::named("app-queue"), QueueUrl::named("app-queue-dead-letters"));
/// let letters = SqsDeadLetters::new(&client, dead, queue);
/// for letter in letters.list(100).await? {
///     letters.redrive(&letter.id).await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// SQS cannot show messages without receiving them. Therefore each operation receives the messages of the dead-letter
/// queue until it has found what it needs, and then makes the messages that remain in the queue visible again.
/// Meanwhile, other operations may not find these messages, so run one operation at a time. If the future of an
/// operation is dropped, the messages stay hidden for up to 30 seconds. SQS counts these deliveries, so the dead-letter
/// queue must not have a redrive policy. If the dead-letter queue is a FIFO queue, an operation finds at most the first
/// ten dead letters of each message group. The later dead letters of the group can be found only after the first dead
/// letters were removed.
///
/// The id of a dead letter is its message id in the dead-letter queue. SQS does not store the number of attempts.
#[derive(Clone)]
pub struct SqsDeadLetters {
    client: Client,
    dead_letters: QueueUrl,
    queue: QueueUrl,
    policy: RequestPolicy,
}

impl SqsDeadLetters {
    /// Returns the dead letters in the queue `dead_letters`. A redrive sends a dead letter to `queue`.
    pub fn new(client: &Client, dead_letters: impl Into<QueueUrl>, queue: impl Into<QueueUrl>) -> Self {
        Self {
            client: without_retries!(aws_sdk_sqs, client),
            dead_letters: dead_letters.into(),
            queue: queue.into(),
            policy: RequestPolicy::default(),
        }
    }

    request_options!(self, self.policy);

    async fn url<'a>(&self, queue: &'a QueueUrl) -> Result<&'a str, DeadLettersError> {
        let url = queue.get(&self.client, &self.policy).await;
        url.map_err(|error| DeadLettersError::broker("look up the URL of a queue", error))
    }

    /// Receives messages until `visit` breaks, a message is received again, or no message is left. Then makes the
    /// messages visible again, except the one for which `visit` returned a value.
    async fn scan<T>(
        &self,
        url: &str,
        mut visit: impl FnMut(Message) -> ControlFlow<Option<T>> + Send,
    ) -> Result<Option<T>, DeadLettersError>
    where
        T: Send,
    {
        let (mut seen, mut received) = (HashSet::new(), Vec::new());
        let mut found = None;
        let outcome = 'scan: loop {
            let messages = match self.receive(url).await {
                Ok(messages) if messages.is_empty() => break Ok(()),
                Ok(messages) => messages,
                Err(error) => break Err(error),
            };
            let mut messages = messages.into_iter();
            while let Some(message) = messages.next() {
                let receipt_handle = message.receipt_handle.clone();
                // A message that SQS delivers again ends the scan, because SQS has then usually delivered all other
                // messages.
                let is_new = seen.insert(message.message_id.clone());
                let flow = if is_new { visit(message) } else { ControlFlow::Break(None) };
                if let ControlFlow::Break(value) = flow {
                    if value.is_none() {
                        received.extend(receipt_handle);
                    }
                    found = value;
                    received.extend(messages.filter_map(|message| message.receipt_handle));
                    break 'scan Ok(());
                }
                received.extend(receipt_handle);
            }
        };
        self.show(url, received).await;
        outcome.map(|()| found)
    }

    async fn receive(&self, url: &str) -> Result<Vec<Message>, DeadLettersError> {
        let response = Request::new("SQS", "ReceiveMessage", &self.policy).send(|| {
            let request = self.client.receive_message().queue_url(url).max_number_of_messages(10);
            let request = request.wait_time_seconds(WAIT_SECONDS).visibility_timeout(HIDDEN_SECONDS);
            request
                .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
                .message_attribute_names("All")
                .send()
        });
        let response = response.await.map_err(|error| DeadLettersError::broker("receive dead letters", error))?;
        Ok(response.messages.unwrap_or_default())
    }

    /// Makes received messages visible again.
    async fn show(&self, url: &str, receipt_handles: Vec<String>) {
        let consequence = "dead letters are hidden until their visibility timeout expires";
        in_batches(receipt_handles, &self.policy, consequence, |batch| async move {
            let entries = batch.iter().enumerate().map(|(place, receipt_handle)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(place.to_string());
                entry.receipt_handle(&**receipt_handle).visibility_timeout(0).build()
            });
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            let response = Request::new("SQS", "ChangeMessageVisibilityBatch", &self.policy).send(|| {
                let request = self.client.change_message_visibility_batch().queue_url(url);
                request.set_entries(Some(entries.clone())).send()
            });
            Ok(response.await?.failed)
        })
        .await;
    }

    /// Receives the message with the given id, and leaves it hidden.
    async fn take(&self, url: &str, id: &str) -> Result<Option<Message>, DeadLettersError> {
        self.scan(url, |message| match message.message_id.as_deref() == Some(id) {
            true => ControlFlow::Break(Some(message)),
            false => ControlFlow::Continue(()),
        })
        .await
    }

    async fn delete(&self, url: &str, message: &Message) -> Result<(), DeadLettersError> {
        let deleted = Request::new("SQS", "DeleteMessage", &self.policy).send(|| {
            let request = self.client.delete_message().queue_url(url);
            request.set_receipt_handle(message.receipt_handle.clone()).send()
        });
        deleted.await.map(|_| ()).map_err(|error| DeadLettersError::broker("remove a dead letter", error))
    }

    async fn send(&self, url: &str, message: &Message) -> Result<(), DeadLettersError> {
        let attributes = message.message_attributes.clone().filter(|attributes| !attributes.is_empty());
        let message_id = message.message_id.as_deref().unwrap_or_default();
        let sent = Request::new("SQS", "SendMessage", &self.policy).send(|| {
            let request = self.client.send_message().queue_url(url);
            let request = request.set_message_body(message.body.clone()).set_message_attributes(attributes.clone());
            if is_fifo(url) {
                let system = message.attributes.as_ref();
                let group_id = system.and_then(|system| system.get(&MessageSystemAttributeName::MessageGroupId));
                // The deduplication id contains the id of the message in the dead-letter queue, so that a repeated call
                // sends the message only once.
                let request = request.message_deduplication_id(format!("redrive-{message_id}"));
                request.message_group_id(group_id.map_or(message_id, String::as_str)).send()
            } else {
                request.send()
            }
        });
        sent.await.map(|_| ()).map_err(|error| DeadLettersError::broker("send a dead letter to its queue", error))
    }
}

fn stored(message: &Message) -> StoredDeadLetter {
    let attributes = message.message_attributes.as_ref();
    let replay = attributes.and_then(|attributes| attributes.get(REPLAY)).and_then(MessageAttributeValue::string_value);
    let id = message.message_id.clone().unwrap_or_default();
    StoredDeadLetter::new(id, message.body.clone().unwrap_or_default(), is_replay(replay))
}

#[async_trait]
impl DeadLetters for SqsDeadLetters {
    async fn list(&self, limit: usize) -> Result<Vec<StoredDeadLetter>, DeadLettersError> {
        let mut letters = Vec::new();
        if limit == 0 {
            return Ok(letters);
        }
        let url = self.url(&self.dead_letters).await?;
        self.scan::<Message>(url, |message| {
            letters.push(stored(&message));
            if letters.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(None) }
        })
        .await?;
        Ok(letters)
    }

    async fn get(&self, id: &str) -> Result<Option<StoredDeadLetter>, DeadLettersError> {
        let url = self.url(&self.dead_letters).await?;
        let Some(message) = self.take(url, id).await? else { return Ok(None) };
        let letter = stored(&message);
        self.show(url, message.receipt_handle.into_iter().collect()).await;
        Ok(Some(letter))
    }

    async fn redrive(&self, id: &str) -> Result<bool, DeadLettersError> {
        let (url, queue) = (self.url(&self.dead_letters).await?, self.url(&self.queue).await?);
        let Some(message) = self.take(url, id).await? else { return Ok(false) };
        if let Err(error) = self.send(queue, &message).await {
            self.show(url, message.receipt_handle.into_iter().collect()).await;
            return Err(error);
        }
        self.delete(url, &message).await?;
        Ok(true)
    }

    async fn remove(&self, id: &str) -> Result<bool, DeadLettersError> {
        let url = self.url(&self.dead_letters).await?;
        let Some(message) = self.take(url, id).await? else { return Ok(false) };
        self.delete(url, &message).await?;
        Ok(true)
    }
}

impl fmt::Debug for SqsDeadLetters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqsDeadLetters")
            .field("dead_letters", &self.dead_letters)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}
