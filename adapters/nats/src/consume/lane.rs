use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::{StatusCode, Subject, Subscriber};
use castore_runtime::channel::MessageChannel;
use castore_runtime::{ConsumerError, ConsumerTasks, HandlerError, InFlightMessages};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::delivery::deliver;
use super::durable::PullConsumer;
use super::in_flight::{InFlight, heartbeat};
use super::requests::{EXPIRES, Requests};
use super::settings::Settings;

/// The interval at which a lane checks whether it has to request messages again.
const CHECK: Duration = Duration::from_millis(250);

/// How long the server may take to say that it sends no more, or that it has heard everything.
const FAREWELL: Duration = Duration::from_secs(2);

/// How many messages of a partition are asked for at a time. One at a time comes.
const AHEAD: usize = 64;

/// Takes the messages of one consumer, and has them handled.
pub(super) struct Lane<C: MessageChannel> {
    settings: Arc<Settings<C>>,
    consumer: PullConsumer,
    inbox: Subject,
    requests: Requests,
    /// One for each handler that may run.
    places: Arc<Semaphore>,
    in_flight: Arc<InFlightMessages<Subject>>,
    /// The messages whose handler stopped the consumer.
    to_hand_back: Vec<InFlight>,
    handlers: JoinSet<Option<(HandlerError, InFlight)>>,
    /// Why it ends by itself, when it does.
    end: Option<ConsumerError>,
}

impl<C: MessageChannel> Lane<C> {
    pub(super) fn new(settings: Arc<Settings<C>>, consumer: PullConsumer) -> Self {
        let inbox = settings.connection.client.new_inbox().into();
        let places = if settings.ordered() { 1 } else { settings.concurrency };
        Self {
            settings,
            consumer,
            inbox,
            requests: Requests::new(Instant::now()),
            places: Arc::new(Semaphore::new(places)),
            in_flight: Arc::default(),
            to_hand_back: Vec::new(),
            handlers: JoinSet::new(),
            end: None,
        }
    }

    /// Works until the consumer is shut down, a handler stops it, or the connection is closed. Its end is that of all lanes.
    pub(super) async fn run(mut self, tasks: ConsumerTasks) -> Result<(), ConsumerError> {
        let client = self.settings.connection.client.clone();
        let mut messages = client.subscribe(self.inbox.clone()).await.map_err(|_| ConsumerError::Disconnected)?;
        let mut check = interval(CHECK);
        let mut heartbeats = interval(self.settings.ack_wait / 3);
        let mut server = self.server();
        while !tasks.shutdown_token().is_cancelled() {
            self.ask().await?;
            let soon = self.requests.soon();
            tokio::select! {
                () = tasks.shutdown_token().cancelled() => {}
                Some(ended) = self.handlers.join_next() => {
                    self.ended(ended);
                    // All at once: one turn for each would be most of the work.
                    while let Some(ended) = self.handlers.try_join_next() {
                        self.ended(ended);
                    }
                    if self.end.is_some() {
                        tasks.shutdown_token().cancel();
                    }
                }
                message = messages.next() => {
                    self.take(message.ok_or(ConsumerError::Disconnected)?, &tasks);
                    while let Some(Some(message)) = messages.next().now_or_never() {
                        self.take(message, &tasks);
                    }
                }
                _ = heartbeats.tick() => self.heartbeat().await,
                () = tokio::time::sleep_until(soon.unwrap_or_else(Instant::now)), if soon.is_some() => {}
                _ = check.tick() => {
                    // A server that was connected to anew knows of no request.
                    let now = self.server();
                    if now != server {
                        server = now;
                        self.requests.gone();
                    }
                }
            }
        }
        self.drain(messages, heartbeats).await
    }

    /// Takes nothing more, hands back what was not begun, and waits for what was.
    async fn drain(mut self, mut messages: Subscriber, mut heartbeats: Interval) -> Result<(), ConsumerError> {
        // What is on its way still comes, and then the end.
        let mut open = messages.drain().await.is_ok();
        let farewell = Instant::now() + FAREWELL;
        while open || !self.handlers.is_empty() {
            // The server has heard before that nobody listens here any more: they go to others.
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
        // What was said is to be heard before the process ends.
        let flushed = tokio::time::timeout(FAREWELL, self.settings.connection.client.flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            tracing::warn!(
                message_channel = C::ID,
                "NATS may not have heard of the last messages, which then come again"
            );
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

    fn take(&mut self, message: async_nats::Message, tasks: &ConsumerTasks) {
        match message.status {
            None | Some(StatusCode::OK) => {
                self.requests.message();
                self.begin(message, tasks);
            }
            Some(StatusCode::TIMEOUT) => self.requests.expired(),
            Some(StatusCode::IDLE_HEARTBEAT) => {}
            // No consumer (any more, or yet, after a restart), another leader, a server that shuts down.
            Some(status) => {
                if self.requests.refused(Instant::now()) {
                    tracing::warn!(
                        message_channel = C::ID,
                        consumer = %self.settings.durable_name,
                        status = status.as_u16(),
                        description = message.description.as_deref().unwrap_or_default(),
                        "NATS has no messages for a consumer now; it goes on asking"
                    );
                }
            }
        }
    }

    fn begin(&mut self, message: async_nats::Message, tasks: &ConsumerTasks) {
        let (message, in_flight) = self.in_flight(message);
        let settings = self.settings.clone();
        let places = self.places.clone();
        self.handlers.spawn(tasks.track(async move {
            // There is one, but for the moment after a connection was lost, when more may come than were asked for.
            let _place = places.acquire_owned().await;
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
        // Without a connection the client would keep the heartbeats, and send all of them at once later.
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
