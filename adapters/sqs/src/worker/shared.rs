use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use castore_aws::RequestPolicy;
use castore_core::channel::{ClaimCheck, MessageChannel};
use castore_core::consumer::{DeadLetterHook, InFlightMessages, MessageHandler, RetryPolicy};
use tokio::sync::{Semaphore, mpsc};

use super::builder::SqsWorkerBuilder;
use super::envelope::OpenEnvelope;
use super::memory::Memory;
use super::receive::Taken;
use crate::QueueUrl;
use crate::message::Decode;
use crate::queue_url::is_fifo;

/// The longest visibility timeout of SQS.
pub(super) const LONGEST_VISIBILITY_TIMEOUT: Duration = Duration::from_secs(12 * 60 * 60);

/// A queue and the settings of requests to it.
#[derive(Debug)]
pub(super) struct ConsumedQueue {
    pub(super) client: Client,
    pub(super) queue_url: String,
    pub(super) fifo: bool,
    pub(super) policy: RequestPolicy,
    /// The policy of receive requests, without retries: the polling loop itself repeats these requests, with growing
    /// pauses while SQS is unavailable.
    pub(super) polling: RequestPolicy,
    pub(super) wait_seconds: i32,
    pub(super) visibility_seconds: i32,
    pub(super) in_flight: Arc<InFlightMessages<String>>,
}

/// The state that all tasks of a worker share.
pub(super) struct Shared<C: MessageChannel> {
    pub(super) queue: Arc<ConsumedQueue>,
    pub(super) handler: MessageHandler<C>,
    pub(super) decode: Decode<C::Message>,
    pub(super) open_envelope: Option<OpenEnvelope>,
    pub(super) retry_policy: RetryPolicy,
    pub(super) dead_letter_queue_url: Option<QueueUrl>,
    pub(super) on_dead_letter: Option<DeadLetterHook<C::Message>>,
    pub(super) claim_check: Option<Arc<dyn ClaimCheck>>,
    pub(super) memory: Memory,
    /// A permit for each handler that may run. Closed when no further handler may start.
    pub(super) permits: Semaphore,
    /// The sender for handled messages that must be deleted.
    pub(super) handled: mpsc::Sender<Taken>,
}

impl ConsumedQueue {
    pub(super) fn new<C: MessageChannel>(worker: &SqsWorkerBuilder<C>, queue_url: String) -> Self {
        let wait_seconds = whole_seconds(worker.wait_time);
        let answer = Duration::from_secs(wait_seconds.unsigned_abs().into()) + Duration::from_secs(10);
        let polling = worker.policy.clone().attempts(1).timeout(answer);
        Self {
            client: worker.client.clone(),
            fifo: is_fifo(&queue_url),
            queue_url,
            policy: worker.policy.clone(),
            polling: polling.backoff(Duration::from_millis(200), Duration::from_secs(30)),
            wait_seconds,
            visibility_seconds: whole_seconds(worker.visibility_timeout),
            in_flight: Arc::default(),
        }
    }
}

impl<C: MessageChannel> Shared<C> {
    pub(super) fn new(worker: SqsWorkerBuilder<C>, queue: Arc<ConsumedQueue>, handled: mpsc::Sender<Taken>) -> Self {
        Self {
            queue,
            handler: worker.handler,
            decode: worker.decode,
            open_envelope: worker.open_envelope,
            retry_policy: worker.retry_policy,
            dead_letter_queue_url: worker.dead_letter_queue_url,
            on_dead_letter: worker.on_dead_letter,
            claim_check: worker.claim_check,
            memory: Memory::default(),
            permits: Semaphore::new(worker.concurrency),
            handled,
        }
    }
}

/// Rounds up to whole seconds, so that no message is delivered too early. The result is at most twelve hours.
pub(super) fn whole_seconds(time: Duration) -> i32 {
    let time = time.min(LONGEST_VISIBILITY_TIMEOUT);
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    // At most twelve hours.
    seconds as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up() {
        let seconds = [0, 1, 999, 1_000, 1_001, u64::MAX].map(|millis| whole_seconds(Duration::from_millis(millis)));
        assert_eq!(seconds, [0, 1, 1, 1, 2, 43_200]);
    }
}
