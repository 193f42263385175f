use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use castore_core::channel::PublishError;
use castore_core::consumer::{
    Call, DeadLetter, HandlerError, HandlingOutcome, ReceivedMessage, attempt, log_given_up, record_dead_letter,
};
use castore_core::message::ChannelMessage;
use tokio::runtime::{Handle, TryCurrentError};
use tokio::sync::OwnedSemaphorePermit;

use super::settings::Settings;

/// The way of messages to one handler: one at a time, in order, with retries.
///
/// A lane has a task only while it has messages: it is spawned with the first and ends with the last.
pub(super) struct Lane<M> {
    settings: Arc<Settings<M>>,
    handler: RwLock<Option<Called<M>>>,
    state: Mutex<State<M>>,
}

/// A handler, and whether it said that it can handle no message any more.
struct Called<M> {
    handler: Call<M>,
    /// Of this handler: one that has taken its place is not stopped by what it answers.
    stopped: Arc<AtomicBool>,
}

impl<M> Called<M> {
    fn new(handler: Call<M>) -> Self {
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
    /// Whether there is a task that works on `waiting`.
    running: bool,
    /// The adapter was aborted: what comes back or comes in is discarded.
    aborted: bool,
    /// Where an order is promised: the aggregates whose message waits for its next attempt, with the later ones.
    held: HashMap<Aggregate, VecDeque<Delivery<M>>>,
}

type Aggregate = (&'static str, String);

/// A message on its way to a handler.
pub(super) struct Delivery<M> {
    message: Arc<M>,
    replay: bool,
    attempt: u32,
    /// Its aggregate is held until this delivery is done.
    holds: Option<Aggregate>,
    /// Its place in a queue that is bounded.
    _permit: Option<OwnedSemaphorePermit>,
}

impl<M> Delivery<M> {
    pub(super) fn new(message: Arc<M>, replay: bool, permit: Option<OwnedSemaphorePermit>) -> Self {
        Self { message, replay, attempt: 1, holds: None, _permit: permit }
    }
}

impl<M: ChannelMessage> Lane<M> {
    pub(super) fn new(settings: Arc<Settings<M>>, handler: Option<Call<M>>) -> Self {
        let state = State { waiting: VecDeque::new(), running: false, aborted: false, held: HashMap::new() };
        Self { settings, handler: RwLock::new(handler.map(Called::new)), state: Mutex::new(state) }
    }

    pub(super) fn set_handler(&self, handler: Option<Call<M>>) {
        let before = {
            let mut place = self.handler.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, handler.map(Called::new))
        };
        // A handler may own anything, so it is not dropped under the lock.
        drop(before);
    }

    fn handler(&self) -> Option<Called<M>> {
        self.handler.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether its handler said that it can handle no message any more.
    pub(super) fn is_stopped(&self) -> bool {
        self.handler().is_some_and(|called| called.stopped.load(Ordering::Acquire))
    }

    pub(super) fn has_handler(&self) -> bool {
        self.handler.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// No user code runs under the lock, so a poisoned one guards a state that is whole.
    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message in. Fails outside of a tokio runtime, which its task would run on, and after an abort.
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
            // Not under the lock: a runtime that is being shut down drops the task at once, and its drop takes the lock.
            runtime.spawn(self.settings.tasks.track_future(Run::new(self.clone()).run()));
        }
        Ok(())
    }

    /// Puts back what a task has left when it ends early, in front of what waits. After an abort it is discarded.
    fn put_back(&self, left: VecDeque<Delivery<M>>) {
        let mut state = self.state();
        state.running = false;
        if state.aborted {
            drop(state);
            // Messages are user types: they are not dropped under the lock.
            left.iter().for_each(|_| self.settings.pending.done());
            return;
        }
        let mut waiting = left;
        waiting.append(&mut state.waiting);
        state.waiting = waiting;
    }

    /// Goes on with what a runtime left behind that was shut down before all was done.
    pub(super) fn resume(self: &Arc<Self>) {
        let mut state = self.state();
        if state.running || state.waiting.is_empty() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            state.running = true;
            drop(state);
            runtime.spawn(self.settings.tasks.track_future(Run::new(self.clone()).run()));
        }
    }

    /// Puts back a message whose retry was due later, behind what waits. After an abort it is discarded.
    fn put_back_retry(&self, delivery: Delivery<M>) {
        let mut state = self.state();
        if state.aborted {
            drop(state);
            self.settings.pending.done();
        } else {
            state.waiting.push_back(delivery);
        }
    }

    /// Discards the messages that wait, and from now on those that come in or come back from a task. Returns how many
    /// there were.
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

    /// Makes one attempt and does what follows from it. Until then the delivery stays in its place, where the next runtime
    /// finds it if this future is dropped.
    async fn handle(self: &Arc<Self>, in_hand: &mut Option<Delivery<M>>) {
        let called = self.handler();
        if called.as_ref().is_some_and(|called| called.stopped.load(Ordering::Acquire)) {
            if let Some(mut delivery) = in_hand.take() {
                // This attempt is not made.
                delivery.attempt -= 1;
                self.dead_letter(delivery, HandlerError::park("the handler has stopped"));
            }
            return;
        }
        let Some(delivery) = in_hand.as_ref() else { return };
        let verdict = match &called {
            Some(Called { handler, .. }) => {
                let Settings { counters, message_channel_id: id, .. } = &*self.settings;
                let retry_policy = self.settings.retry_policy();
                attempt(handler, counters, id, &delivery.message, delivery.attempt, delivery.replay, &retry_policy)
                    .await
            }
            // Without a handler nothing can fail.
            None => HandlingOutcome::Done,
        };
        let Some(delivery) = in_hand.take() else { return };
        match verdict {
            HandlingOutcome::Done => self.done(delivery),
            HandlingOutcome::Retry(delay, _) => self.retry(delivery, delay),
            HandlingOutcome::Park(error) => self.dead_letter(delivery, error),
            HandlingOutcome::Stop(error) => {
                // There is no broker to keep what comes after it: those messages become dead letters too.
                if let Some(called) = called {
                    called.stopped.store(true, Ordering::Release);
                }
                self.dead_letter(delivery, error);
            }
        }
    }

    /// Delivers again after a delay. Where an order is promised, the later messages of the aggregate wait.
    fn retry(self: &Arc<Self>, mut delivery: Delivery<M>, delay: Duration) {
        delivery.attempt += 1;
        if self.settings.per_aggregate && delivery.holds.is_none() {
            let aggregate = aggregate_of(&delivery);
            self.state().held.entry(aggregate.clone()).or_default();
            delivery.holds = Some(aggregate);
        }
        // The runtime that this task runs on.
        let retry = Retry { lane: self.clone(), delivery: Some(delivery) };
        tokio::spawn(self.settings.tasks.track_future(retry.after(delay)));
    }

    /// Gives a message up.
    fn dead_letter(&self, delivery: Delivery<M>, error: HandlerError) {
        let Settings { counters, message_channel_id: id, .. } = &*self.settings;
        log_given_up(id, &*delivery.message, delivery.attempt, &error);
        let message = ReceivedMessage::new(delivery.message.clone());
        let letter = DeadLetter::new(message, delivery.attempt, delivery.replay, error);
        record_dead_letter(counters, id, self.settings.dead_letter_hook().as_ref(), letter);
        self.done(delivery);
    }

    /// A delivery is over, whatever its outcome: those that it held up come next.
    fn done(&self, delivery: Delivery<M>) {
        if let Some(aggregate) = &delivery.holds {
            let mut state = self.state();
            let mut released = state.held.remove(aggregate).unwrap_or_default();
            // What has come in since is later than what was held.
            released.append(&mut state.waiting);
            state.waiting = released;
        }
        drop(delivery);
        self.settings.pending.done();
    }
}

fn aggregate_of<M: ChannelMessage>(delivery: &Delivery<M>) -> Aggregate {
    let about = delivery.message.as_message();
    (about.event_store_id(), about.aggregate_id())
}

/// The task of a delivery that waits for its next attempt.
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
    /// A task that is dropped before its end (its runtime was shut down) leaves its message to the next one.
    fn drop(&mut self) {
        if let Some(delivery) = self.delivery.take() {
            self.lane.put_back_retry(delivery);
        }
    }
}

/// The task of a lane.
struct Run<M: ChannelMessage> {
    lane: Arc<Lane<M>>,
    /// What the handler is called with now.
    in_hand: Option<Delivery<M>>,
    /// Taken over from `waiting`, to look at the lock less often.
    batch: VecDeque<Delivery<M>>,
    ended: bool,
}

impl<M: ChannelMessage> Run<M> {
    fn new(lane: Arc<Lane<M>>) -> Self {
        Self { lane, in_hand: None, batch: VecDeque::new(), ended: false }
    }

    async fn run(mut self) {
        let lane = Arc::clone(&self.lane);
        // An abort drops the handler with this task.
        lane.settings.abort.run_until_cancelled(self.work()).await;
    }

    async fn work(&mut self) {
        while let Some(delivery) = self.next() {
            self.in_hand = Some(delivery);
            self.lane.handle(&mut self.in_hand).await;
            // A lane that always has messages would keep its thread from other tasks.
            tokio::task::coop::consume_budget().await;
        }
    }

    fn next(&mut self) -> Option<Delivery<M>> {
        loop {
            if self.lane.settings.per_aggregate || self.batch.is_empty() {
                let mut state = self.lane.state();
                if self.lane.settings.per_aggregate {
                    // What is released goes to the front of `waiting`, so nothing may be ahead of that.
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
    /// A task that is dropped before its end (its runtime was shut down) leaves its messages to the next one.
    fn drop(&mut self) {
        if !self.ended {
            let mut left: VecDeque<_> = self.in_hand.take().into_iter().collect();
            left.append(&mut self.batch);
            self.lane.put_back(left);
        }
    }
}
