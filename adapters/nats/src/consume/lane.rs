use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::{StatusCode, Subject, Subscriber};
use castore_core::channel::MessageChannel;
use castore_core::consumer::{ConsumerError, ConsumerTasks, HandlerError, InFlightMessages};
use castore_core::error::error_chain;
use castore_core::future::BoxFuture;
use futures_util::future::OptionFuture;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::delivery::{deliver, hand_back_foreign};
use super::durable::{Durable, PullConsumer, Restored};
use super::in_flight::{InFlight, heartbeat};
use super::requests::{EXPIRES, Requests};
use super::settings::Settings;
use crate::NatsError;
use crate::subject::matches_any;

/// The interval at which a lane checks whether it must request messages again.
const CHECK: Duration = Duration::from_millis(250);

/// The time limit for the server to end the subscription, and to confirm all acknowledgements.
const FAREWELL: Duration = Duration::from_secs(2);

/// The number of messages per request on ordered channels. The server still delivers one message of a partition at a
/// time.
const AHEAD: usize = 64;

/// The loop that receives the messages of one durable consumer, and runs the handlers.
///
/// A lane does not use `Consumer::messages` of async-nats. The stream that this function returns also requests
/// messages, but it has disadvantages:
/// * The stream requests the next batch when half of the last batch was received, whether or not these messages were
///   handled. If the handlers are busy, up to 1.5 batches wait in the client, while their `ack_wait` elapses and other
///   workers are idle. A lane never requests more messages than it has free handlers, except on ordered channels, where
///   the server delivers one message at a time.
/// * The stream cannot be drained. If it is dropped at shutdown, messages that are in its buffer or in transit are
///   delivered again only after `ack_wait`. A lane unsubscribes, receives the messages in transit, and hands them back
///   immediately.
/// * The stream ends when its consumer is deleted, and returns an error if no server responds to its request. A lane
///   creates the consumer again.
///
/// For the same reasons, a lane does not use `Consumer::fetch` or `Consumer::batch`, which also own their subscription.
///
/// # Deleted consumers
/// An operator can delete a consumer or its stream, and a stream in the memory of a server is lost in a restart. When
/// the server deletes a consumer, it rejects the open requests, and later requests have no responder. But the rejection
/// may get lost, and there may be no open request if all handlers are busy. Therefore a lane checks whether its
/// consumer exists after a rejection, after a reconnection, and after a request without any response. A lane also
/// checks this while no request is open, if for some seconds no response has shown that the consumer exists.
pub(super) struct Lane<C: MessageChannel> {
    settings: Arc<Settings<C>>,
    consumer: PullConsumer,
    durable: Durable,
    inbox: Subject,
    requests: Requests,
    /// A permit for each handler that may run.
    permits: Arc<Semaphore>,
    in_flight: Arc<InFlightMessages<Subject>>,
    /// The messages whose handler stopped the consumer. The lane hands them back after the subscription has ended.
    to_hand_back: Vec<InFlight>,
    handlers: JoinSet<Option<(HandlerError, InFlight)>>,
    /// The reason why the lane ended by itself.
    end: Option<ConsumerError>,
}

impl<C: MessageChannel> Lane<C> {
    pub(super) fn new(settings: Arc<Settings<C>>, consumer: PullConsumer, durable: Durable) -> Self {
        let inbox = settings.connection.client.new_inbox().into();
        let permits = if settings.ordered() { 1 } else { settings.concurrency };
        Self {
            settings,
            consumer,
            durable,
            inbox,
            requests: Requests::new(Instant::now()),
            permits: Arc::new(Semaphore::new(permits)),
            in_flight: Arc::default(),
            to_hand_back: Vec::new(),
            handlers: JoinSet::new(),
            end: None,
        }
    }

    /// Runs the lane until the consumer is shut down or lost, a handler stops it, or the connection is closed. The
    /// failure of one lane ends all lanes of the consumer.
    pub(super) async fn run(mut self, tasks: ConsumerTasks) -> Result<(), ConsumerError> {
        let client = self.settings.connection.client.clone();
        let mut messages = client.subscribe(self.inbox.clone()).await.map_err(|_| ConsumerError::Disconnected)?;
        let mut check = interval(CHECK);
        let mut heartbeats = interval(self.settings.ack_wait / 3);
        let mut server = self.server();
        let mut restoring = None;
        while !tasks.shutdown().is_sent() {
            if restoring.is_none() {
                self.ask().await?;
                if self.connected() && self.requests.in_doubt(Instant::now()) {
                    restoring = Some(self.restore());
                }
            }
            let soon = self.requests.soon();
            tokio::select! {
                () = tasks.shutdown().sent() => {}
                Some(ended) = self.handlers.join_next() => {
                    self.ended(ended);
                    // All handlers that have ended are processed at once, because a separate iteration of the loop for
                    // each handler would be slow.
                    while let Some(ended) = self.handlers.try_join_next() {
                        self.ended(ended);
                    }
                    if self.end.is_some() {
                        tasks.shutdown().send();
                    }
                }
                message = messages.next() => {
                    self.take(message.ok_or(ConsumerError::Disconnected)?, &tasks);
                    while let Some(Some(message)) = messages.next().now_or_never() {
                        self.take(message, &tasks);
                    }
                }
                // The future is polled by reference, so that no other branch drops it before it completes.
                Some(restored) = OptionFuture::from(restoring.as_mut()) => {
                    restoring = None;
                    self.restored(restored);
                    if self.end.is_some() {
                        tasks.shutdown().send();
                    }
                }
                _ = heartbeats.tick() => self.heartbeat().await,
                () = tokio::time::sleep_until(soon.unwrap_or_else(Instant::now)), if soon.is_some() => {}
                _ = check.tick() => {
                    // A request belongs to its connection, so after a reconnection there are no open requests.
                    let now = self.server();
                    if !self.connected() {
                        self.settings.handler.set_receiving(false);
                    } else if now != server {
                        self.settings.handler.set_receiving(true);
                    }
                    if now != server {
                        server = now;
                        self.requests.gone();
                        // The request of the check was sent over the old connection. The next check determines whether
                        // it was executed.
                        restoring = None;
                    }
                }
            }
        }
        self.drain(messages, heartbeats).await
    }

    /// Hands back messages that still arrive, and waits for the running handlers.
    async fn drain(mut self, mut messages: Subscriber, mut heartbeats: Interval) -> Result<(), ConsumerError> {
        // Messages in transit still arrive before the subscription ends.
        let mut open = messages.drain().await.is_ok();
        let farewell = Instant::now() + FAREWELL;
        while open || !self.handlers.is_empty() {
            // The server processes the end of the subscription before it receives these messages back, so it delivers
            // them to other consumers.
            for in_flight in self.to_hand_back.drain(..) {
                in_flight.hand_back(Duration::ZERO).await;
            }
            tokio::select! {
                Some(ended) = self.handlers.join_next() => self.ended(ended),
                message = messages.next(), if open => match message {
                    Some(message) if matches!(message.status, None | Some(StatusCode::OK)) => {
                        let (_, in_flight) = self.in_flight(message);
                        in_flight.hand_back(Duration::ZERO).await;
                    }
                    Some(_) => {}
                    None => open = false,
                },
                () = tokio::time::sleep_until(farewell), if open => open = false,
                _ = heartbeats.tick() => self.heartbeat().await,
            }
        }
        for in_flight in self.to_hand_back.drain(..) {
            in_flight.hand_back(Duration::ZERO).await;
        }
        // The server must receive all acknowledgements before the process ends.
        let flushed = tokio::time::timeout(FAREWELL, self.settings.connection.client.flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::warn!(channel = C::ID, "the last acknowledgements were not confirmed");
        }
        self.end.map_or(Ok(()), Err)
    }

    fn server(&self) -> (String, u64) {
        let info = self.settings.connection.client.server_info();
        (info.server_id, info.client_id)
    }

    fn connected(&self) -> bool {
        self.settings.connection.client.connection_state() == State::Connected
    }

    async fn ask(&mut self) -> Result<(), ConsumerError> {
        if !self.connected() {
            return Ok(());
        }
        let now = Instant::now();
        let (free, room) = if self.settings.ordered() {
            (AHEAD, AHEAD)
        } else {
            (self.settings.concurrency - self.handlers.len().min(self.settings.concurrency), self.settings.concurrency)
        };
        let batch = self.requests.due(free, room, now);
        if batch == 0 {
            return Ok(());
        }
        let request = BatchConfig { batch, expires: Some(EXPIRES), ..BatchConfig::default() };
        self.consumer.request_batch(request, self.inbox.clone()).await.map_err(|_| ConsumerError::Disconnected)?;
        self.requests.asked(batch, now);
        Ok(())
    }

    /// Checks that the durable consumer exists, and creates it again if it was deleted.
    fn restore(&self) -> BoxFuture<'static, Result<Restored, NatsError>> {
        let (settings, durable) = (self.settings.clone(), self.durable.clone());
        Box::pin(async move {
            let (connection, ordered) = (&settings.connection, settings.ordered());
            durable.restore(connection, ordered, settings.ack_wait, settings.recreate).await
        })
    }

    fn restored(&mut self, restored: Result<Restored, NatsError>) {
        let now = Instant::now();
        match restored {
            Ok(Restored::Found) => self.requests.restored(false, now),
            Ok(Restored::Created) => {
                tracing::warn!(
                    channel = C::ID,
                    consumer = self.durable.name,
                    stream = self.settings.connection.stream,
                    "created a deleted consumer again"
                );
                self.requests.restored(true, now);
            }
            // The server is unavailable, or lacks resources at the moment.
            Err(error @ NatsError::Request { .. }) => {
                tracing::warn!(
                    channel = C::ID,
                    consumer = self.durable.name,
                    stream = self.settings.connection.stream,
                    error = error_chain(&error),
                    "could not check whether a consumer was deleted"
                );
                self.requests.not_restored(now);
            }
            Err(error) => {
                self.end.get_or_insert(ConsumerError::Lost(Arc::new(error)));
            }
        }
    }

    fn take(&mut self, message: async_nats::Message, tasks: &ConsumerTasks) {
        match message.status {
            None | Some(StatusCode::OK) => {
                self.settings.handler.set_receiving(true);
                self.requests.message(Instant::now());
                self.begin(message, tasks);
            }
            Some(StatusCode::TIMEOUT) => {
                self.settings.handler.set_receiving(true);
                self.requests.expired(Instant::now());
            }
            Some(StatusCode::IDLE_HEARTBEAT) => {}
            // The consumer does not exist (or not yet, after a restart), the consumer has a new leader, or its server
            // is shutting down.
            Some(status) => {
                self.settings.handler.set_receiving(false);
                if self.requests.refused(Instant::now()) {
                    tracing::warn!(
                        channel = C::ID,
                        consumer = %self.settings.durable_name,
                        status = status.as_u16(),
                        description = message.description.as_deref().unwrap_or_default(),
                        "could not receive messages"
                    );
                }
            }
        }
    }

    fn begin(&mut self, message: async_nats::Message, tasks: &ConsumerTasks) {
        let foreign = !matches_any(&self.settings.filter_subjects, &message.subject);
        self.requests.foreign(foreign, Instant::now());
        let (message, in_flight) = self.in_flight(message);
        let settings = self.settings.clone();
        if foreign {
            self.handlers.spawn(tasks.track(async move {
                hand_back_foreign(&settings, &message, in_flight).await;
                None
            }));
            return;
        }
        let permits = self.permits.clone();
        self.handlers.spawn(tasks.track(async move {
            // Usually a permit is free. After a lost connection, however, more messages may arrive than were requested.
            let _permit = permits.acquire_owned().await;
            deliver(&settings, &message, in_flight).await
        }));
    }

    fn in_flight(&self, message: async_nats::Message) -> (Message, InFlight) {
        let connection = &self.settings.connection;
        let message = Message { message, context: connection.jetstream.clone() };
        let in_flight = InFlight::new(connection.clone(), &message, &self.in_flight);
        (message, in_flight)
    }

    fn ended(&mut self, ended: Result<Option<(HandlerError, InFlight)>, JoinError>) {
        let end = match ended {
            Ok(None) => return,
            Ok(Some((error, in_flight))) => {
                self.to_hand_back.push(in_flight);
                ConsumerError::stopped(error)
            }
            Err(error) => ConsumerError::Panicked(error.to_string()),
        };
        self.end.get_or_insert(end);
    }

    async fn heartbeat(&self) {
        // Heartbeats are sent only while the client is connected, because the client would buffer heartbeats during an
        // outage and send all of them at once later.
        if self.connected() {
            heartbeat(&self.settings.connection, &self.in_flight).await;
        }
    }
}

fn interval(period: Duration) -> Interval {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
