//! Tests of buses, which have several listeners with filters.

use castore_core::channel::CarriesEvents;
use castore_core::consumer::{ChannelFilter, Filter, RetryPolicy};
use castore_core::message::ChannelMessage;

use super::ChannelCapabilities;
use super::channels::{KitBus, Pokemon, PokemonEventType, Trainer, TrainerEventType};
use super::factory::{BusConsumer, BusFactory};
use super::log::{Answer, Call, Log};
use super::subject::{RETRIES, mixed, pokemon, retry_policy, trainer};

/// A bus to which a test adds listeners. Each listener records its calls in a separate log.
struct Case<C: KitBus, B: BusConsumer<C>> {
    channel: C,
    bus: B,
    capabilities: ChannelCapabilities,
}

impl<C: KitBus, B: BusConsumer<C>> Case<C, B> {
    async fn new<F: BusFactory<C::Order, Consumer<C> = B>>(factory: &F) -> Self {
        let (channel, capabilities) = (C::open(), factory.capabilities());
        let policy: RetryPolicy = retry_policy(&capabilities, RETRIES);
        let bus = factory.attach(&channel, policy).await;
        Self { channel, bus, capabilities }
    }

    /// Adds a listener for the messages of the channel. Returns the log of the listener.
    async fn listen<F: ChannelFilter<C, Message = C::Message>>(
        &self,
        filter: F,
        answer: impl Fn(&Call) -> Answer + Send + Sync + 'static,
    ) -> Log {
        let log = Log::new(&self.capabilities);
        self.bus.listen(filter, log.handler(answer)).await;
        log
    }

    async fn publish(&self, messages: Vec<C::Message>) {
        self.channel.publish_messages(messages).await.expect("messages are published");
    }

    async fn replay(&self, messages: Vec<C::Message>) {
        self.channel.publish_messages(messages).replay(true).await.expect("replays are published");
    }
}

/// Waits until a listener was called for the expected number of messages, and asserts how many of them are about
/// pokemons and how many are about trainers.
async fn counts(log: &Log, pokemons: usize, trainers: usize) {
    let calls = log.settle(pokemons + trainers).await;
    let of_pokemons = calls.iter().filter(|call| call.store == "POKEMONS").count();
    assert_eq!((of_pokemons, calls.len() - of_pokemons), (pokemons, trainers), "{calls:#?}");
}

/// Tests that each listener receives each message, because listeners do not compete for messages.
pub async fn every_listener_gets_every_message<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    let mut logs = Vec::new();
    for _ in 0..3 {
        logs.push(case.listen(Filter::all(), |_| Answer::Done).await);
    }
    case.publish(mixed::<C>(2, 3)).await;
    for log in logs {
        counts(&log, 6, 6).await;
    }
}

/// Tests that publishing succeeds even if the bus has no listeners, or if no filter passes the message.
pub async fn publishing_without_listeners_succeeds<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    case.publish(mixed::<C>(2, 2)).await;
    let log = Log::new(&case.capabilities);
    case.bus.listen(Filter::store::<Trainer>(), log.handler_of_store()).await;
    case.publish(vec![pokemon::<C>("a", 1)]).await;
    counts(&log, 0, 0).await;
}

/// Tests that a filter of a store passes only the messages of that store, and that the listener receives them as
/// messages of that store's type.
pub async fn store_filters_pass_their_store<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    let (pokemons, trainers, all) =
        (Log::new(&case.capabilities), Log::new(&case.capabilities), Log::new(&case.capabilities));
    case.bus.listen(Filter::store::<Pokemon>(), pokemons.handler_of_store()).await;
    case.bus.listen(Filter::store::<Trainer>(), trainers.handler_of_store()).await;
    case.bus.listen(Filter::all(), all.handler(|_| Answer::Done)).await;
    let messages = vec![pokemon::<C>("a", 1), trainer::<C>("a", 1), pokemon::<C>("b", 1), pokemon::<C>("a", 2)];
    case.publish(messages).await;
    counts(&pokemons, 3, 0).await;
    counts(&trainers, 0, 1).await;
    counts(&all, 3, 1).await;
    let mut ids: Vec<_> = pokemons.calls().into_iter().map(|call| call.aggregate).collect();
    ids.sort();
    assert_eq!(ids, ["a", "a", "b"]);
}

/// Tests that replays reach only the listeners that subscribed to replays. These listeners also receive live messages.
pub async fn replays_reach_only_subscribed_listeners<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    let live = case.listen(Filter::all(), |_| Answer::Done).await;
    let both = case.listen(Filter::all().on_replay(true), |_| Answer::Done).await;
    let of_store = Log::new(&case.capabilities);
    case.bus.listen(Filter::store::<Pokemon>().on_replay(true), of_store.handler_of_store()).await;
    case.publish(vec![pokemon::<C>("live", 1), trainer::<C>("live", 1)]).await;
    case.replay(vec![pokemon::<C>("again", 1), pokemon::<C>("again", 2), trainer::<C>("again", 1)]).await;
    counts(&live, 1, 1).await;
    counts(&both, 3, 2).await;
    counts(&of_store, 3, 0).await;
    for call in [live.calls(), both.calls(), of_store.calls()].concat() {
        assert_eq!(call.context.replay, call.aggregate == "again", "{call:?}");
    }
}

/// Tests that a listener with several filters is called once per message, regardless of how many filters pass.
pub async fn several_filters_call_a_listener_once<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    let array = case.listen([Filter::all(), Filter::all().on_replay(true)], |_| Answer::Done).await;
    let tuple = case
        .listen((Filter::store::<Pokemon>(), Filter::all(), Filter::store::<Trainer>().on_replay(true)), |_| {
            Answer::Done
        })
        .await;
    let none = case.listen(Vec::<Filter>::new(), |_| Answer::Done).await;
    case.publish(vec![pokemon::<C>("a", 1), trainer::<C>("a", 1)]).await;
    case.replay(vec![pokemon::<C>("b", 1), trainer::<C>("b", 1)]).await;
    counts(&array, 2, 2).await;
    counts(&tuple, 1, 2).await;
    counts(&none, 0, 0).await;
}

/// Tests that if one listener fails, only that listener is called again.
pub async fn only_the_failing_listener_is_called_again<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    let dead = Log::new(&case.capabilities);
    case.bus.on_dead_letter(dead.dead_letter_hook()).await;
    let before = case.listen(Filter::all(), |_| Answer::Done).await;
    let failing = case.listen(Filter::all(), |_| Answer::Fail).await;
    let panicking = case.listen(Filter::all(), |_| Answer::Panic).await;
    let after = case.listen(Filter::all(), |_| Answer::Done).await;
    case.publish(vec![pokemon::<C>("a", 1)]).await;
    for (log, attempts) in [(&failing, 3), (&panicking, 3), (&before, 1), (&after, 1)] {
        let calls = log.settle(attempts as usize).await;
        let contexts: Vec<_> =
            calls.iter().map(|call| (call.context.attempt, call.context.retry_attempts_left)).collect();
        let expected: Vec<_> = (1..=attempts).map(|attempt| (attempt, RETRIES + 1 - attempt)).collect();
        assert_eq!(contexts, expected);
    }
    dead.until("a dead letter of each", |log| log.dead().len() == 2).await;
}

/// Tests that a listener that is slow or never returns does not delay other listeners.
pub async fn a_slow_listener_holds_up_no_other<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    let stuck = case.listen(Filter::all(), |_| Answer::Slowly(std::time::Duration::from_secs(3_600))).await;
    let other = case.listen(Filter::all(), |_| Answer::Done).await;
    case.publish(mixed::<C>(3, 5)).await;
    counts(&other, 15, 15).await;
    stuck.until("the stuck listener has begun", |log| !log.calls().is_empty()).await;
}

/// Tests that a listener that is added to a running bus receives exactly the messages that are published afterwards.
pub async fn a_later_listener_gets_later_messages<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    let first = case.listen(Filter::all(), |_| Answer::Done).await;
    case.publish(vec![pokemon::<C>("a", 1)]).await;
    counts(&first, 1, 0).await;
    let second = case.listen(Filter::all(), |_| Answer::Done).await;
    case.publish(vec![pokemon::<C>("a", 2)]).await;
    counts(&first, 2, 0).await;
    counts(&second, 1, 0).await;
    assert_eq!(second.calls()[0].number, 2);
}

/// Tests that a filter of event types passes only events of these types, and only of its own store. Like other filters,
/// it passes replays only if it subscribes to replays. This test applies only to channels whose messages carry events.
pub async fn event_type_filters_pass_their_types<C: KitBus + CarriesEvents, F: BusFactory<C::Order>>(factory: &F) {
    let case = Case::<C, _>::new(factory).await;
    let new_log = || Log::new(&case.capabilities);
    let (appeared, two, replays, trainers) = (new_log(), new_log(), new_log(), new_log());
    let of_type = |event_type| Filter::store::<Pokemon>().event_type(event_type);
    case.bus.listen(of_type(PokemonEventType::Appeared), appeared.handler_of_store()).await;
    let filter = of_type(PokemonEventType::Caught).event_type(PokemonEventType::LeveledUp);
    case.bus.listen(filter, two.handler_of_store()).await;
    let filter = of_type(PokemonEventType::Appeared).on_replay(true);
    case.bus.listen([filter, of_type(PokemonEventType::Caught)], replays.handler_of_store()).await;
    let filter = Filter::store::<Trainer>().event_type(TrainerEventType::GameStarted);
    case.bus.listen(filter, trainers.handler_of_store()).await;
    // Numbers 1 and 4 are APPEARED, number 2 is LEVELED_UP, and number 3 is CAUGHT.
    let messages: Vec<_> = (1..=4).map(|number| pokemon::<C>("a", number)).chain([trainer::<C>("a", 1)]).collect();
    let types: Vec<_> = messages.iter().filter_map(|message| message.as_message().event_type()).collect();
    assert_eq!(types, ["APPEARED", "LEVELED_UP", "CAUGHT", "APPEARED", "GAME_STARTED"]);
    case.publish(messages.clone()).await;
    case.replay(messages).await;
    counts(&appeared, 2, 0).await;
    counts(&two, 2, 0).await;
    counts(&replays, 2 + 1 + 2, 0).await;
    counts(&trainers, 0, 1).await;
    assert!(appeared.calls().iter().all(|call| call.json["type"] == "APPEARED"));
    assert!(two.calls().iter().all(|call| call.json["type"] != "APPEARED"));
}
