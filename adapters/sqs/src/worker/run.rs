use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use castore_aws::RequestError;
use castore_core::channel::{MessageChannel, MessageOrder};
use castore_core::consumer::{ConsumerError, ConsumerTasks};
use castore_core::error::error_chain;
use castore_core::future::{BoxFuture, catch_panic, panic_text};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::builder::SqsWorkerBuilder;
use super::deleter::delete_handled;
use super::lane::LaneEnd;
use super::receive::{Taken, receive};
use super::shared::{ConsumedQueue, Shared};
use super::visibility::heartbeat;

/// How long a shutdown waits for a running receive request. If the request were dropped, the messages in its response
/// would stay hidden from all workers until their visibility timeout expires.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// The maximum number of messages that wait for deletion.
const TO_DELETE: usize = 100;

type Lanes = JoinSet<(Option<String>, LaneEnd)>;

/// Runs a worker until it is stopped. When this future ends or is dropped, all tasks of the worker end.
pub(super) async fn run<C: MessageChannel>(
    worker: SqsWorkerBuilder<C>,
    tasks: ConsumerTasks,
) -> Result<(), ConsumerError> {
    let Some(queue_url) = tasks.shutdown().run_until_sent(resolve(&worker)).await else { return Ok(()) };
    let concurrency = worker.concurrency;
    let queue = Arc::new(ConsumedQueue::new(&worker, queue_url));
    if C::Order::PER_AGGREGATE && !queue.fifo {
        tracing::error!(
            channel = C::ID,
            queue_url = queue.queue_url,
            "the queue of an ordered channel is not a FIFO queue"
        );
    }
    let (handled, to_delete) = mpsc::channel(TO_DELETE);
    let (mut heartbeats, mut deleting) = (JoinSet::new(), JoinSet::new());
    heartbeats.spawn(heartbeat(queue.clone()));
    deleting.spawn(delete_handled(queue.clone(), to_delete));
    let shared = Arc::new(Shared::new(worker, queue.clone(), handled));
    let mut dispatch = Dispatch { shared, lanes: JoinSet::new(), waiting: HashMap::new(), tasks: tasks.clone() };

    let mut ended = Ok(());
    let mut failures = 0;
    let mut polling: Option<BoxFuture<'static, Result<Vec<Taken>, RequestError>>> = None;
    loop {
        if polling.is_none() && dispatch.lanes.len() < concurrency {
            polling = Some(Box::pin(poll(queue.clone(), failures)));
        }
        tokio::select! {
            biased;
            () = tasks.shutdown().sent() => break,
            Some(lane) = dispatch.lanes.join_next() => {
                if let Ok((group, end)) = lane
                    && let Err(error) = dispatch.ended(group, end)
                {
                    ended = Err(error);
                    break;
                }
            }
            answer = async { match &mut polling { Some(polling) => polling.await, None => std::future::pending().await } } => {
                polling = None;
                dispatch.shared.handler.set_receiving(answer.is_ok());
                match answer {
                    Ok(messages) => {
                        failures = 0;
                        dispatch.begin(messages);
                    }
                    Err(error) => {
                        failures += 1;
                        tracing::warn!(channel = C::ID, failures, error = error_chain(&error), "could not receive messages");
                    }
                }
            }
        }
    }

    // From here on, no handler starts.
    dispatch.shared.permits.close();
    if let Some(polling) = polling
        && let Ok(Ok(messages)) = tokio::time::timeout(LAST_ANSWER, polling).await
    {
        dispatch.begin(messages);
    }
    while let Some(lane) = dispatch.lanes.join_next().await {
        if let Ok((group, end)) = lane
            && let Err(error) = dispatch.ended(group, end)
            && ended.is_ok()
        {
            ended = Err(error);
        }
    }
    // Drops the last sender of handled messages. The deleting task then deletes the remaining messages and ends.
    drop(dispatch);
    while deleting.join_next().await.is_some() {}
    ended
}

/// The running lanes, and the messages that wait for the lane of their group to end.
struct Dispatch<C: MessageChannel> {
    shared: Arc<Shared<C>>,
    lanes: Lanes,
    /// The groups with a running lane, and the messages that were received since the lane started. SQS delivers such
    /// messages only if the visibility timeout of an earlier message of the group has expired.
    waiting: HashMap<String, VecDeque<Taken>>,
    /// Tracks the handlers, so that an abort can wait until they have ended.
    tasks: ConsumerTasks,
}

impl<C: MessageChannel> Dispatch<C> {
    /// Starts handling messages. The messages of a group are handled in order.
    fn begin(&mut self, messages: Vec<Taken>) {
        let mut groups: Vec<(String, VecDeque<Taken>)> = Vec::new();
        for message in messages {
            let Some(group) = message.group_id.clone() else {
                self.spawn(None, VecDeque::from([message]));
                continue;
            };
            if let Some(waiting) = self.waiting.get_mut(&group) {
                waiting.push_back(message);
            } else if let Some((_, of_group)) = groups.iter_mut().find(|(other, _)| *other == group) {
                of_group.push_back(message);
            } else {
                groups.push((group, VecDeque::from([message])));
            }
        }
        for (group, messages) in groups {
            self.waiting.insert(group.clone(), VecDeque::new());
            self.spawn(Some(group), messages);
        }
    }

    fn spawn(&mut self, group: Option<String>, messages: VecDeque<Taken>) {
        let shared = self.shared.clone();
        self.lanes.spawn(self.tasks.track(async move {
            // Panics of handlers are caught elsewhere, so this panic comes from decoding a message or from a claim
            // check.
            let end = catch_panic(shared.run_lane(messages)).await.unwrap_or_else(|panic| {
                let panic = panic_text(&*panic);
                tracing::error!(channel = C::ID, panic, "handling messages panicked");
                LaneEnd::HandedBack
            });
            (group, end)
        }));
    }

    /// Processes the end of a lane. Messages of the group that were received while the lane ran are handled in a new
    /// lane, or handed back.
    fn ended(&mut self, group: Option<String>, end: LaneEnd) -> Result<(), ConsumerError> {
        if let Some(group) = group {
            match self.waiting.remove(&group) {
                Some(messages) if !messages.is_empty() => {
                    if matches!(end, LaneEnd::Done) {
                        self.waiting.insert(group.clone(), VecDeque::new());
                        self.spawn(Some(group), messages);
                    } else {
                        let shared = self.shared.clone();
                        self.lanes.spawn(self.tasks.track(async move {
                            shared.hand_back_untried(messages).await;
                            (None, LaneEnd::HandedBack)
                        }));
                    }
                }
                _ => {}
            }
        }
        match end {
            LaneEnd::Stopped(error) => Err(ConsumerError::stopped(error)),
            LaneEnd::Done | LaneEnd::HandedBack => Ok(()),
        }
    }
}

/// Receives messages once. Pauses first if the previous polls failed.
async fn poll(queue: Arc<ConsumedQueue>, failures: u32) -> Result<Vec<Taken>, RequestError> {
    if failures > 0 {
        tokio::time::sleep(queue.polling.pause(failures)).await;
    }
    receive(&queue).await
}

/// Returns the URL of the queue, retrying without limit.
async fn resolve<C: MessageChannel>(worker: &SqsWorkerBuilder<C>) -> String {
    let pauses = worker.policy.clone().backoff(Duration::from_millis(200), Duration::from_secs(30));
    let mut failures = 0;
    loop {
        match worker.queue_url.get(&worker.client, &worker.policy).await {
            Ok(queue_url) => return queue_url.to_owned(),
            Err(error) => {
                failures += 1;
                worker.handler.set_receiving(false);
                tracing::warn!(
                    channel = C::ID,
                    failures,
                    error = error_chain(&error),
                    "could not look up the URL of a queue"
                );
                tokio::time::sleep(pauses.pause(failures)).await;
            }
        }
    }
}
