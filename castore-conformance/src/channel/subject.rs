//! A common interface of queues and buses, for the behaviors that both must have.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore_core::consumer::{AnyStore, DeadLetters, Filter, RetryPolicy};
use castore_core::event::EventDetail;
use castore_core::time::Timestamp;

use super::channels::{
    CaughtByTrainer, KitBus, KitChannel, KitKind, KitQueue, Pokemon, PokemonEvent, Trainer, TrainerEvent, Trigger,
};
use super::factory::{BusConsumer, BusFactory, DeadLetterHook, Handler, QueueConsumer, QueueFactory};
use super::log::{Answer, Call, Log};
use super::{ChannelCapabilities, channels};

/// An adapter under test: a queue or a bus.
#[async_trait]
pub trait Subject<C: KitChannel>: Send + Sync {
    #[doc(hidden)]
    async fn attach(&self, channel: &C, retry_policy: RetryPolicy) -> Box<dyn Consumer<C>>;

    #[doc(hidden)]
    fn capabilities(&self) -> ChannelCapabilities;
}

/// The consuming side of a [`Subject`].
#[async_trait]
pub trait Consumer<C: KitChannel>: Send + Sync {
    #[doc(hidden)]
    async fn handle(&self, handler: Handler<C::Message>);

    #[doc(hidden)]
    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>);

    #[doc(hidden)]
    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>>;

    #[doc(hidden)]
    async fn shutdown(&self);

    #[doc(hidden)]
    async fn shutdown_within(&self, limit: Duration);

    #[doc(hidden)]
    async fn kill(&self);
}

/// A [`Subject`] that wraps a [`QueueFactory`]. The handler of a test becomes the worker of the queue.
#[derive(Debug)]
pub struct AsQueue<F>(pub F);

/// A [`Subject`] that wraps a [`BusFactory`]. The handler of a test becomes a listener for all messages, including
/// replays.
#[derive(Debug)]
pub struct AsBus<F>(pub F);

#[async_trait]
impl<C: KitQueue, F: QueueFactory<C::Order>> Subject<C> for AsQueue<F> {
    async fn attach(&self, channel: &C, retry_policy: RetryPolicy) -> Box<dyn Consumer<C>> {
        Box::new(AsQueue(self.0.attach(channel, retry_policy).await))
    }

    fn capabilities(&self) -> ChannelCapabilities {
        self.0.capabilities()
    }
}

#[async_trait]
impl<C: KitQueue, Q: QueueConsumer<C>> Consumer<C> for AsQueue<Q> {
    async fn handle(&self, handler: Handler<C::Message>) {
        self.0.work(handler).await;
    }

    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
        self.0.on_dead_letter(hook).await;
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        self.0.dead_letters()
    }

    async fn shutdown(&self) {
        self.0.shutdown().await;
    }

    async fn shutdown_within(&self, limit: Duration) {
        self.0.shutdown_within(limit).await;
    }

    async fn kill(&self) {
        self.0.kill().await;
    }
}

#[async_trait]
impl<C: KitBus, F: BusFactory<C::Order>> Subject<C> for AsBus<F> {
    async fn attach(&self, channel: &C, retry_policy: RetryPolicy) -> Box<dyn Consumer<C>> {
        Box::new(AsBus(self.0.attach(channel, retry_policy).await))
    }

    fn capabilities(&self) -> ChannelCapabilities {
        self.0.capabilities()
    }
}

#[async_trait]
impl<C: KitBus, B: BusConsumer<C>> Consumer<C> for AsBus<B> {
    async fn handle(&self, handler: Handler<C::Message>) {
        self.0.listen::<Filter<AnyStore>>(Filter::all().on_replay(true), handler).await;
    }

    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
        self.0.on_dead_letter(hook).await;
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        self.0.dead_letters(0)
    }

    async fn shutdown(&self) {
        self.0.shutdown().await;
    }

    async fn shutdown_within(&self, limit: Duration) {
        self.0.shutdown_within(limit).await;
    }

    async fn kill(&self) {
        self.0.kill().await;
    }
}

/// A channel with an adapter and one handler that records its calls in a log.
pub(crate) struct Case<C: KitChannel> {
    pub(crate) channel: C,
    pub(crate) consumer: Arc<dyn Consumer<C>>,
    pub(crate) log: Log,
    pub(crate) capabilities: ChannelCapabilities,
}

/// The default number of retries in the tests.
pub(crate) const RETRIES: u32 = 2;

impl<C: KitChannel> Case<C> {
    /// Creates a case whose handler always succeeds.
    pub(crate) async fn new(subject: &dyn Subject<C>) -> Self {
        Self::answering(subject, RETRIES, |_| Answer::Done).await
    }

    pub(crate) async fn answering(
        subject: &dyn Subject<C>,
        retries: u32,
        answer: impl Fn(&Call) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let capabilities = subject.capabilities();
        let (channel, log) = (C::open(), Log::new(&capabilities));
        let consumer: Arc<dyn Consumer<C>> =
            Arc::from(subject.attach(&channel, retry_policy(&capabilities, retries)).await);
        consumer.on_dead_letter(log.dead_letter_hook()).await;
        consumer.handle(log.handler(answer)).await;
        Self { channel, consumer, log, capabilities }
    }

    pub(crate) async fn publish(&self, messages: impl IntoIterator<Item = C::Message>) {
        for message in messages {
            self.channel.publish_message(message).await.expect("a message is published");
        }
    }

    pub(crate) async fn publish_batch(&self, messages: Vec<C::Message>) {
        self.channel.publish_messages(messages).await.expect("a batch is published");
    }

    /// Asserts that the handler was called exactly once with each of these messages, in any order, and with no other
    /// message. Returns the calls.
    pub(crate) async fn expect_once(&self, messages: &[C::Message]) -> Vec<Call> {
        let calls = self.log.settle(messages.len()).await;
        let sorted = |mut texts: Vec<String>| {
            texts.sort();
            texts
        };
        assert_eq!(
            sorted(calls.iter().map(|call| call.json.to_string()).collect()),
            sorted(messages.iter().map(|message| channels::json_of(message).to_string()).collect()),
            "the messages that arrived, and those that were published"
        );
        calls
    }
}

pub(crate) fn retry_policy(capabilities: &ChannelCapabilities, retries: u32) -> RetryPolicy {
    RetryPolicy::new(retries, capabilities.retry_delay, 1.0).expect("a retry policy")
}

/// Returns the timestamp that represents the number of a message within its aggregate. The kit stores the number in the
/// timestamp, because every kind of message has a timestamp.
pub(crate) fn moment(number: u64) -> Timestamp {
    Timestamp::from_unix_millis(1_704_067_200_000 + number as i64).expect("a moment near 2024")
}

/// Returns the message about event `number` of a pokemon. The event type depends on the number, so that all payload
/// shapes occur.
pub(crate) fn pokemon<C: KitChannel>(aggregate: &str, number: u64) -> C::Message {
    let payload = match number % 3 {
        0 => PokemonEvent::Caught(CaughtByTrainer { trainer_id: format!("trainer{number}") }),
        1 => PokemonEvent::Appeared { name: format!("Pikachu {number}"), level: number as u32 },
        _ => PokemonEvent::LeveledUp,
    };
    let metadata = number.is_multiple_of(2).then(|| Trigger { by: format!("walk {number}") });
    pokemon_with::<C>(aggregate, number, payload, metadata)
}

/// Returns a message about a pokemon that appeared under this name.
pub(crate) fn named<C: KitChannel>(aggregate: &str, number: u64, name: &str) -> C::Message {
    let payload = PokemonEvent::Appeared { name: name.to_owned(), level: 1 };
    pokemon_with::<C>(aggregate, number, payload, Some(Trigger { by: name.to_owned() }))
}

/// Returns a message that cannot be written as JSON.
pub(crate) fn unwritable<C: KitChannel>(aggregate: &str, number: u64) -> C::Message {
    pokemon_with::<C>(aggregate, number, PokemonEvent::Weighed { kilograms: f64::NAN }, None)
}

fn pokemon_with<C: KitChannel>(
    aggregate: &str,
    number: u64,
    payload: PokemonEvent,
    metadata: Option<Trigger>,
) -> C::Message {
    let mut event = EventDetail::new(aggregate.to_owned(), number, moment(number), payload);
    event.metadata = metadata;
    let state = Pokemon { name: format!("{aggregate} {number}"), events: number };
    <C::Kind as KitKind>::message::<Pokemon>(event, state).into()
}

/// Returns the message about event `number` of a trainer.
pub(crate) fn trainer<C: KitChannel>(aggregate: &str, number: u64) -> C::Message {
    let event: EventDetail<Trainer> = EventDetail::new(
        aggregate.to_owned(),
        number,
        moment(number),
        TrainerEvent::GameStarted { name: format!("Ash {number}") },
    );
    let state = Trainer { name: format!("{aggregate} {number}") };
    <C::Kind as KitKind>::message::<Trainer>(event, state).into()
}

/// Returns messages of both stores, several per aggregate, with the same aggregate ids in both stores.
pub(crate) fn mixed<C: KitChannel>(aggregates: u64, numbers: u64) -> Vec<C::Message> {
    (1..=numbers)
        .flat_map(|number| {
            (0..aggregates).flat_map(move |aggregate| {
                let aggregate = format!("a{aggregate}");
                [pokemon::<C>(&aggregate, number), trainer::<C>(&aggregate, number)]
            })
        })
        .collect()
}
