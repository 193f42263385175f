//! A minimal consumer of a queue to which a rule delivers.

use std::sync::{Arc, Weak};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use castore_conformance::channel::{Dead, DeadLetterHook};
use castore_core::channel::MessageChannel;
use castore_core::consumer::{
    DeadLetterContent, HandlingOutcome, MessageHandler, ReceivedMessage, RetryPolicy, UndecodableMessage,
};
use castore_event_bridge::EventBridgeEnvelope;
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

/// How long a message stays hidden while it is handled. The worker can extend this time. The messages of a killed
/// worker are delivered again after this time.
pub(crate) const HIDDEN: u32 = 12;

/// How long a stopping worker waits for a running receive request.
const LAST_RESPONSE: Duration = Duration::from_secs(1);

/// The maximum number of concurrent handlers.
const AT_A_TIME: usize = 100;

pub(crate) struct Worker<C: MessageChannel> {
    pub(crate) sqs: Client,
    pub(crate) queue_url: String,
    pub(crate) handler: MessageHandler<C>,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) dead_letter_hook: Option<DeadLetterHook<C::Message>>,
}

/// A running worker.
pub(crate) struct Working<C: MessageChannel> {
    pub(crate) task: JoinHandle<()>,
    alive: Weak<Worker<C>>,
}

impl<C: MessageChannel> Working<C> {
    /// Kills the worker immediately.
    pub(crate) async fn kill(self) {
        self.task.abort();
        // Handlers are separate tasks, which end shortly after.
        while self.alive.strong_count() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl<C: MessageChannel<Message: DeserializeOwned>> Worker<C> {
    /// Consumes messages until the worker is stopped, and then waits for the running handlers. An abort ends the worker
    /// immediately.
    pub(crate) fn start(self, mut stop: watch::Receiver<bool>) -> Working<C> {
        let worker = Arc::new(self);
        let alive = Arc::downgrade(&worker);
        let task = tokio::spawn(async move {
            let mut in_hand = JoinSet::new();
            let (done, to_delete) = mpsc::channel(1_000);
            let mut deleting = JoinSet::new();
            deleting.spawn(delete(worker.sqs.clone(), worker.queue_url.clone(), to_delete));
            loop {
                let mut receiving = std::pin::pin!(worker.receive());
                let received = tokio::select! {
                    received = &mut receiving => Some(received),
                    _ = stop.wait_for(|stop| *stop) => None,
                };
                let Some(received) = received else {
                    // Messages in a pending response would stay hidden, so they are made visible again.
                    if let Ok(received) = tokio::time::timeout(LAST_RESPONSE, receiving).await {
                        for message in received {
                            worker.hide(&message.receipt_handle.expect("a receipt"), 0).await;
                        }
                    }
                    break;
                };
                for message in received {
                    let (worker, done) = (worker.clone(), done.clone());
                    in_hand.spawn(async move { worker.handle(message, done).await });
                }
                while in_hand.try_join_next().is_some() || in_hand.len() > AT_A_TIME {
                    if in_hand.len() > AT_A_TIME {
                        in_hand.join_next().await;
                    }
                }
            }
            in_hand.join_all().await;
            drop(done);
            deleting.join_all().await;
        });
        Working { task, alive }
    }

    async fn receive(&self) -> Vec<Message> {
        let request =
            self.sqs.receive_message().queue_url(&self.queue_url).max_number_of_messages(10).wait_time_seconds(5);
        let request = request.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        request.send().await.expect("messages are received").messages.unwrap_or_default()
    }

    async fn handle(&self, received: Message, done: mpsc::Sender<String>) {
        let receipt = received.receipt_handle.expect("a receipt");
        let count = received
            .attributes
            .and_then(|mut all| all.remove(&MessageSystemAttributeName::ApproximateReceiveCount)?.parse().ok());
        let attempt: u32 = count.expect("a count of attempts");
        let body = received.body.expect("a body");
        let envelope = EventBridgeEnvelope::parse(&body).expect("an event");
        let replay = envelope.is_replay();
        let message = match envelope.message::<C>() {
            Ok(message) => Arc::new(message),
            Err(error) => {
                let message = UndecodableMessage::new(envelope.detail(), replay);
                let verdict = self.handler.attempt_undecodable(&message, error, attempt, &self.retry_policy);
                let content = DeadLetterContent::Undecodable(message);
                return self.act_on(verdict, receipt, done, Dead { content, attempts: attempt, replay }).await;
            }
        };
        let mut handling = std::pin::pin!(self.handler.attempt(message.clone(), attempt, replay, &self.retry_policy));
        let verdict = loop {
            tokio::select! {
                verdict = &mut handling => break verdict,
                () = tokio::time::sleep(Duration::from_secs(1)) => self.hide(&receipt, HIDDEN).await,
            }
        };
        let content = DeadLetterContent::Message(ReceivedMessage::new(message));
        self.act_on(verdict, receipt, done, Dead { content, attempts: attempt, replay }).await;
    }

    async fn act_on(
        &self,
        verdict: HandlingOutcome,
        receipt: String,
        done: mpsc::Sender<String>,
        letter: Dead<C::Message>,
    ) {
        match verdict {
            HandlingOutcome::Done => done.send(receipt).await.expect("the deleting task is running"),
            HandlingOutcome::Retry(after, _) => self.hide(&receipt, after.as_secs() as u32).await,
            HandlingOutcome::Park(_) => {
                if let Some(hook) = &self.dead_letter_hook {
                    hook(letter);
                }
                done.send(receipt).await.expect("the deleting task is running");
            }
            HandlingOutcome::Stop(error) => panic!("the kit does not stop anybody: {error}"),
        }
    }

    async fn hide(&self, receipt: &str, seconds: u32) {
        let request = self.sqs.change_message_visibility().queue_url(&self.queue_url).receipt_handle(receipt);
        request.visibility_timeout(seconds as i32).send().await.expect("a message is hidden");
    }
}

/// Deletes handled messages in batches, because each request to the emulator is slow.
async fn delete(sqs: Client, queue_url: String, mut done: mpsc::Receiver<String>) {
    let mut receipts = Vec::new();
    while done.recv_many(&mut receipts, 10).await > 0 {
        let entries = receipts.drain(..).enumerate().map(|(place, receipt)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(receipt);
            entry.build().expect("an entry")
        });
        let request = sqs.delete_message_batch().queue_url(&queue_url).set_entries(Some(entries.collect()));
        let deleted = request.send().await.expect("messages are deleted");
        assert_eq!(deleted.failed.len(), 0, "messages are deleted");
    }
}
