use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use castore_core::channel::PublishError;
use castore_core::consumer::{
    Call, DeadLetter, FailureAction, FilterPattern, HandlerError, HandlingOutcome, ReceivedMessage, UndecodedMessage,
    attempt, attempt_undecodable, log_given_up, record_dead_letter,
};
use castore_core::message::ChannelMessage;
use tokio::runtime::{Handle, TryCurrentError};
use tokio::sync::OwnedSemaphorePermit;

use super::settings::Settings;

/// The queue of the messages that wait for one handler, and their delivery: one message at a time, in order and with
/// retries.
///
/// A lane has a task only while it has messages: the task is spawned with the first message and ends after the last
/// one.
pub(super) struct Lane<M> {
    settings: Arc<Settings<M>>,
    handler: RwLock<Option<Called<M>>>,
    state: Mutex<State<M>>,
}

/// A handler, with the patterns of the messages that it receives.
pub(super) struct Handler<M> {
    pub(super) call: Call<M>,
    /// The patterns determine whether the handler ignores a message that cannot be decoded.
    pub(super) patterns: Arc<[FilterPattern]>,
}

impl<M> Clone for Handler<M> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), patterns: self.patterns.clone() }
    }
}

/// A handler, with a flag that is set when the handler has stopped the consumer.
struct Called<M> {
    handler: Handler<M>,
    /// The flag belongs to this handler, so that it does not affect a handler that is set later.
    stopped: Arc<AtomicBool>,
}

impl<M> Called<M> {
    fn new(handler: Handler<M>) -> Self {
        Self { handler, stopped: Arc::default() }
    }
}

impl<M> Clone for Called<M> {
    fn clone(&self) -> Self {
        Self { handler: self.handler.clone(), stopped: self.stopped.clone() }
    }
}

struct State<M> {
    waiting: VecDeque<Delivery<M>>,
    /// A flag that is `true` while a task is processing `waiting`.
    running: bool,
    /// A flag that is `true` after the adapter was aborted. From then on, new messages are rejected, and messages that
    /// tasks return are discarded.
    aborted: bool,
    /// The aggregates with a message that waits for a retry. The later messages of each of these aggregates wait here.
    /// The map is empty on channels without an order.
    held: HashMap<Aggregate, VecDeque<Delivery<M>>>,
}

type Aggregate = (Cow<'static, str>, String);

/// The content of a delivery: a message, or the JSON of a message that this program cannot decode.
pub(super) enum Content<M> {
    Message(Arc<M>),
    Undecoded(UndecodedMessage),
}

impl<M> Clone for Content<M> {
    fn clone(&self) -> Self {
        match self {
            Self::Message(message) => Self::Message(message.clone()),
            Self::Undecoded(undecoded) => Self::Undecoded(undecoded.clone()),
        }
    }
}

/// A message that has not been handled yet, with the state of its delivery.
pub(super) struct Delivery<M> {
    content: Content<M>,
    replay: bool,
    attempt: u32,
    /// The aggregate whose later messages wait until this delivery is done.
    holds: Option<Aggregate>,
    /// The permit for the capacity that the message uses in a bounded queue.
    _permit: Option<OwnedSemaphorePermit>,
}

impl<M> Delivery<M> {
    pub(super) fn new(content: Content<M>, replay: bool, permit: Option<OwnedSemaphorePermit>) -> Self {
        Self { content, replay, attempt: 1, holds: None, _permit: permit }
    }
}

impl<M: ChannelMessage> Lane<M> {
    pub(super) fn new(settings: Arc<Settings<M>>, handler: Option<Handler<M>>) -> Self {
        let state = State { waiting: VecDeque::new(), running: false, aborted: false, held: HashMap::new() };
        Self { settings, handler: RwLock::new(handler.map(Called::new)), state: Mutex::new(state) }
    }

    pub(super) fn set_handler(&self, handler: Option<Handler<M>>) {
        let before = {
            let mut place = self.handler.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, handler.map(Called::new))
        };
        // A handler may own anything, so it must not be dropped while the lock is held.
        drop(before);
    }

    fn handler(&self) -> Option<Called<M>> {
        self.handler.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns whether the handler has stopped the consumer.
    pub(super) fn is_stopped(&self) -> bool {
        self.handler().is_some_and(|called| called.stopped.load(Ordering::Acquire))
    }

    pub(super) fn has_handler(&self) -> bool {
        self.handler.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Locks the state. No user code runs while the lock is held, so the state is consistent even if the lock is
    /// poisoned.
    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts a message. Fails after an abort, and outside of a tokio runtime if the lane has to spawn a task.
    pub(super) fn deliver(self: &Arc<Self>, delivery: Delivery<M>) -> Result<(), PublishError> {
        self.settings.pending.add();
        self.enqueue(delivery).inspect_err(|_| self.settings.pending.done())
    }

    fn enqueue(self: &Arc<Self>, delivery: Delivery<M>) -> Result<(), PublishError> {
        let mut state = self.state();
        if state.aborted {
            drop(state);
            return Err(PublishError::ShutDown);
        }
        let no_runtime = |error: TryCurrentError| PublishError::Broker(error.into());
        let runtime = if state.running { None } else { Some(Handle::try_current().map_err(no_runtime)?) };
        state.waiting.push_back(delivery);
        state.running = true;
        drop(state);
        if let Some(runtime) = runtime {
            // The task is spawned after the lock is released: a runtime that is shutting down drops the task
            // immediately, and the task's `Drop` acquires the lock.
            runtime.spawn(self.settings.tasks.track(Run::new(self.clone()).run()));
        }
        Ok(())
    }

    /// Puts the messages of a task that ended early back at the front of the waiting messages. After an abort, discards
    /// them.
    fn put_back(&self, left: VecDeque<Delivery<M>>) {
        let mut state = self.state();
        state.running = false;
        if state.aborted {
            drop(state);
            // Messages are user types, so they must not be dropped while the lock is held.
            left.iter().for_each(|_| self.settings.pending.done());
            return;
        }
        let mut waiting = left;
        waiting.append(&mut state.waiting);
        state.waiting = waiting;
    }

    /// Spawns a task for messages that were left when an earlier runtime was shut down.
    pub(super) fn resume(self: &Arc<Self>) {
        let mut state = self.state();
        if state.running || state.waiting.is_empty() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            state.running = true;
            drop(state);
            runtime.spawn(self.settings.tasks.track(Run::new(self.clone()).run()));
        }
    }

    /// Puts a message whose retry was interrupted at the end of the waiting messages. After an abort, discards it.
    fn put_back_retry(&self, delivery: Delivery<M>) {
        let mut state = self.state();
        if state.aborted {
            drop(state);
            self.settings.pending.done();
        } else {
            state.waiting.push_back(delivery);
        }
    }

    /// Discards the waiting messages, and returns their number. From then on, the lane rejects new messages and
    /// discards messages that tasks return.
    pub(super) fn abort(&self) -> usize {
        let mut state = self.state();
        state.aborted = true;
        let waiting = std::mem::take(&mut state.waiting);
        let held = std::mem::take(&mut state.held);
        drop(state);
        let discarded: Vec<_> = waiting.into_iter().chain(held.into_values().flatten()).collect();
        discarded.iter().for_each(|_| self.settings.pending.done());
        discarded.len()
    }

    /// Makes one attempt and acts on its outcome. The delivery stays in `in_hand` until the outcome is known, so that
    /// it is not lost if this future is dropped with its runtime.
    async fn handle(self: &Arc<Self>, in_hand: &mut Option<Delivery<M>>) {
        let called = self.handler();
        if called.as_ref().is_some_and(|called| called.stopped.load(Ordering::Acquire)) {
            if let Some(mut delivery) = in_hand.take() {
                // The attempt was not made, so it does not count.
                delivery.attempt -= 1;
                self.dead_letter(delivery, HandlerError::park("an earlier error has stopped the handler"));
            }
            return;
        }
        let Some(delivery) = in_hand.as_ref() else { return };
        let verdict = match &called {
            Some(Called { handler, .. }) => self.attempt(handler, delivery).await,
            // Without a handler, the message counts as handled.
            None => HandlingOutcome::Done,
        };
        let Some(delivery) = in_hand.take() else { return };
        match verdict {
            HandlingOutcome::Done => self.done(delivery),
            HandlingOutcome::Retry(delay, _) => self.retry(delivery, delay),
            HandlingOutcome::Park(error) => self.dead_letter(delivery, error),
            HandlingOutcome::Stop(error) => {
                // There is no broker that could keep the later messages, so they become dead letters, too.
                if let Some(called) = called {
                    called.stopped.store(true, Ordering::Release);
                }
                self.dead_letter(delivery, error);
            }
        }
    }

    async fn attempt(&self, handler: &Handler<M>, delivery: &Delivery<M>) -> HandlingOutcome {
        let Settings { counters, message_channel_id: id, .. } = &*self.settings;
        let (number, retry_policy) = (delivery.attempt, self.settings.retry_policy());
        match &delivery.content {
            Content::Message(message) => {
                attempt(&handler.call, counters, id, message, number, delivery.replay, &retry_policy).await
            }
            Content::Undecoded(UndecodedMessage { message, error, .. }) => {
                let error = HandlerError::with_action(error.clone(), self.settings.undecodable_action());
                attempt_undecodable(counters, &handler.patterns, id, message, error, number, &retry_policy)
            }
        }
    }

    /// Delivers the message again after a delay. On ordered channels, the later messages of the aggregate wait.
    fn retry(self: &Arc<Self>, mut delivery: Delivery<M>, delay: Duration) {
        delivery.attempt += 1;
        if self.settings.per_aggregate && delivery.holds.is_none() {
            let aggregate = aggregate_of(&delivery);
            self.state().held.entry(aggregate.clone()).or_default();
            delivery.holds = Some(aggregate);
        }
        // The retry is spawned on the runtime of the current task.
        let retry = Retry { lane: self.clone(), delivery: Some(delivery) };
        tokio::spawn(self.settings.tasks.track(retry.after(delay)));
    }

    /// Finishes a message as a dead letter: logs it, keeps it if the adapter keeps dead letters, and calls the hook.
    fn dead_letter(self: &Arc<Self>, delivery: Delivery<M>, error: HandlerError) {
        let Settings { counters, message_channel_id: id, .. } = &*self.settings;
        let attempts = delivery.attempt;
        let letter = match &delivery.content {
            Content::Message(message) => {
                log_given_up(id, &**message, attempts, &error);
                DeadLetter::new(ReceivedMessage::new(message.clone()), attempts, delivery.replay, error)
            }
            Content::Undecoded(UndecodedMessage {
                aggregate: (event_store_id, aggregate_id),
                message,
                error: cause,
            }) => {
                tracing::error!(
                    channel = id,
                    event_store = &**event_store_id,
                    aggregate_id,
                    version = cause.version,
                    attempts,
                    error = error.words(),
                    "a message became a dead letter"
                );
                DeadLetter::undecodable((**message).clone(), attempts, error)
            }
        };
        let class = match (&delivery.content, letter.error.action()) {
            (Content::Undecoded(_), _) => "malformed",
            (Content::Message(_), FailureAction::Retry) => "retry",
            (Content::Message(_), _) => "park",
        };
        let kept = &self.settings.dead_letters;
        kept.keep(&delivery.content, delivery.replay, attempts, class, Arc::downgrade(self));
        record_dead_letter(counters, id, self.settings.dead_letter_hook().as_ref(), letter);
        self.done(delivery);
    }

    /// Finishes a delivery with any outcome. The messages that waited for the delivery are handled next.
    fn done(&self, delivery: Delivery<M>) {
        if let Some(aggregate) = &delivery.holds {
            let mut state = self.state();
            let mut released = state.held.remove(aggregate).unwrap_or_default();
            // Messages that arrived in the meantime are later than the held ones.
            released.append(&mut state.waiting);
            state.waiting = released;
        }
        drop(delivery);
        self.settings.pending.done();
    }
}

fn aggregate_of<M: ChannelMessage>(delivery: &Delivery<M>) -> Aggregate {
    match &delivery.content {
        Content::Message(message) => {
            let about = message.as_message();
            (Cow::Borrowed(about.event_store_id()), about.aggregate_id())
        }
        Content::Undecoded(UndecodedMessage { aggregate: (event_store_id, aggregate_id), .. }) => {
            (Cow::Owned(event_store_id.to_string()), aggregate_id.clone())
        }
    }
}

/// The task of a delivery that waits for a retry.
struct Retry<M: ChannelMessage> {
    lane: Arc<Lane<M>>,
    delivery: Option<Delivery<M>>,
}

impl<M: ChannelMessage> Retry<M> {
    async fn after(mut self, delay: Duration) {
        self.lane.settings.wait(delay).await;
        if let Some(delivery) = self.delivery.take()
            && self.lane.enqueue(delivery).is_err()
        {
            // The adapter was aborted.
            self.lane.settings.pending.done();
        }
    }
}

impl<M: ChannelMessage> Drop for Retry<M> {
    /// Returns the message to the lane if the task is dropped early, because its runtime was shut down.
    fn drop(&mut self) {
        if let Some(delivery) = self.delivery.take() {
            self.lane.put_back_retry(delivery);
        }
    }
}

/// The task of a lane.
struct Run<M: ChannelMessage> {
    lane: Arc<Lane<M>>,
    /// The message that is being handled.
    in_hand: Option<Delivery<M>>,
    /// Messages that were taken from `waiting` together, in order to lock the state less often.
    batch: VecDeque<Delivery<M>>,
    ended: bool,
}

impl<M: ChannelMessage> Run<M> {
    fn new(lane: Arc<Lane<M>>) -> Self {
        Self { lane, in_hand: None, batch: VecDeque::new(), ended: false }
    }

    async fn run(mut self) {
        let lane = Arc::clone(&self.lane);
        // An abort ends this task, which drops the running handler.
        lane.settings.abort.run_until_sent(self.work()).await;
    }

    async fn work(&mut self) {
        while let Some(delivery) = self.next() {
            self.in_hand = Some(delivery);
            self.lane.handle(&mut self.in_hand).await;
            // The task yields regularly. Otherwise, a lane with a steady flow of messages would block its thread.
            tokio::task::coop::consume_budget().await;
        }
    }

    fn next(&mut self) -> Option<Delivery<M>> {
        loop {
            if self.lane.settings.per_aggregate || self.batch.is_empty() {
                let mut state = self.lane.state();
                if self.lane.settings.per_aggregate {
                    // Released messages go to the front of `waiting`. A batch could contain later messages of the same
                    // aggregate, which would then be handled too early, so the messages are taken one at a time.
                    let Some(delivery) = state.waiting.pop_front() else {
                        state.running = false;
                        self.ended = true;
                        return None;
                    };
                    if delivery.holds.is_some() || state.held.is_empty() {
                        return Some(delivery);
                    }
                    let aggregate = aggregate_of(&delivery);
                    match state.held.get_mut(&aggregate) {
                        Some(held) => held.push_back(delivery),
                        None => return Some(delivery),
                    }
                    continue;
                }
                if state.waiting.is_empty() {
                    state.running = false;
                    self.ended = true;
                    return None;
                }
                std::mem::swap(&mut state.waiting, &mut self.batch);
            }
            return self.batch.pop_front();
        }
    }
}

impl<M: ChannelMessage> Drop for Run<M> {
    /// Returns the messages to the lane if the task ends early, because its runtime was shut down, the adapter was
    /// aborted, or the task panicked.
    fn drop(&mut self) {
        if !self.ended {
            let mut left: VecDeque<_> = self.in_hand.take().into_iter().collect();
            left.append(&mut self.batch);
            self.lane.put_back(left);
        }
    }
}
