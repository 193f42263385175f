//! Tests of the stored dead letters of a consumer. Operators can list dead letters, redrive them (deliver their
//! messages again) and remove them. These tests run only for adapters that store dead letters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_core::channel::CarriesEvents;
use castore_core::consumer::{DeadLetters, Filter, StoredDeadLetter};

use super::ChannelCapabilities;
use super::channels::{KitBus, KitChannel, json_of};
use super::factory::{BusConsumer, BusFactory};
use super::log::{Answer, Log};
use super::subject::{Case, RETRIES, Subject, pokemon, retry_policy, trainer};
use super::undecodable::{may_be_undecodable, publish_unknown};

/// The maximum number of letters that a test lists.
const ALL: usize = 100;

/// A test case whose handler fails permanently until `fixed` is `true`, together with the stored dead letters of its
/// consumer.
struct Failing<C: KitChannel> {
    case: Case<C>,
    letters: Arc<dyn DeadLetters>,
    fixed: Arc<AtomicBool>,
}

impl<C: KitChannel> Failing<C> {
    /// Creates a case. Returns `None` if the adapter stores no dead letters.
    async fn new(subject: &dyn Subject<C>) -> Option<Self> {
        let fixed = Arc::new(AtomicBool::new(false));
        let is_fixed = fixed.clone();
        let answer = move |_: &super::log::Call| {
            if is_fixed.load(Ordering::SeqCst) { Answer::Done } else { Answer::FailPermanently }
        };
        let case = Case::answering(subject, RETRIES, answer).await;
        let letters = case.consumer.dead_letters()?;
        Some(Self { case, letters, fixed })
    }

    /// Waits until there are `count` dead letters, and returns them.
    async fn listed(&self, count: usize) -> Vec<StoredDeadLetter> {
        listed(&*self.letters, &self.case.capabilities, count).await
    }
}

async fn listed(letters: &dyn DeadLetters, capabilities: &ChannelCapabilities, count: usize) -> Vec<StoredDeadLetter> {
    let deadline = tokio::time::Instant::now() + capabilities.patience;
    loop {
        let listed = letters.list(ALL).await.expect("the dead letters");
        if listed.len() == count {
            return listed;
        }
        assert!(tokio::time::Instant::now() < deadline, "waiting for {count} dead letters, and there are {listed:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn body(letter: &StoredDeadLetter) -> serde_json::Value {
    serde_json::from_str(&letter.body).expect("a message is JSON")
}

/// Tests that each dead letter is listed once, that the list respects its limit, and that a dead letter can be read,
/// redriven and removed only by an id that exists.
pub async fn dead_letters_are_listed_and_shown<C: KitChannel>(subject: &dyn Subject<C>) {
    let Some(failing) = Failing::<C>::new(subject).await else { return };
    let Failing { case, letters, .. } = &failing;
    assert_eq!(failing.listed(0).await, []);
    let messages = [pokemon::<C>("a", 1), trainer::<C>("a", 1), pokemon::<C>("b", 1)];
    case.publish(messages.clone()).await;
    let listed = failing.listed(3).await;
    let sorted = |mut bodies: Vec<String>| {
        bodies.sort();
        bodies
    };
    assert_eq!(
        sorted(listed.iter().map(|letter| body(letter).to_string()).collect()),
        sorted(messages.iter().map(|message| json_of(message).to_string()).collect())
    );
    for letter in &listed {
        assert_eq!(letters.get(&letter.id).await.expect("a dead letter").as_ref(), Some(letter));
        assert!(!letter.replay && letter.attempts.is_none_or(|attempts| attempts == 1), "{letter:?}");
    }
    assert_eq!(letters.list(2).await.expect("two of them").len(), 2);
    assert_eq!(letters.get("no such letter").await.expect("a response"), None);
    assert!(!letters.redrive("no such letter").await.expect("a response"));
    assert!(!letters.remove("no such letter").await.expect("a response"));
    assert_eq!(failing.listed(3).await.len(), 3);
}

/// Tests that a redriven message is handled again, as a first attempt, and is no longer a dead letter. Other dead
/// letters stay.
pub async fn a_redriven_message_is_handled_again<C: KitChannel>(subject: &dyn Subject<C>) {
    let Some(failing) = Failing::<C>::new(subject).await else { return };
    let Failing { case, letters, fixed } = &failing;
    case.publish([pokemon::<C>("a", 1), pokemon::<C>("b", 1)]).await;
    let listed = failing.listed(2).await;
    fixed.store(true, Ordering::SeqCst);
    let calls = case.log.count();
    assert!(letters.redrive(&listed[0].id).await.expect("a redrive"));
    case.log.until("the redriven message is handled", |log| log.count() > calls).await;
    let call = case.log.calls().pop().expect("a call");
    assert_eq!(call.json, body(&listed[0]));
    assert_eq!((call.context.attempt, call.context.replay), (1, false));
    assert_eq!(failing.listed(1).await, [listed[1].clone()]);
    assert!(!letters.redrive(&listed[0].id).await.expect("a response"), "it was redriven before");
    assert_eq!(letters.get(&listed[0].id).await.expect("a response"), None);
}

/// Tests that a redriven message that fails again becomes a dead letter again.
pub async fn a_redriven_message_can_fail_again<C: KitChannel>(subject: &dyn Subject<C>) {
    let Some(failing) = Failing::<C>::new(subject).await else { return };
    let Failing { case, letters, fixed } = &failing;
    case.publish([pokemon::<C>("a", 1)]).await;
    let first = failing.listed(1).await;
    let calls = case.log.count();
    assert!(letters.redrive(&first[0].id).await.expect("a redrive"));
    case.log.until("the redriven message has failed", |log| log.count() > calls).await;
    let second = failing.listed(1).await;
    assert_eq!(body(&second[0]), body(&first[0]));
    fixed.store(true, Ordering::SeqCst);
    let calls = case.log.count();
    assert!(letters.redrive(&second[0].id).await.expect("a redrive"));
    case.log.until("the redriven message is handled", |log| log.count() > calls).await;
    failing.listed(0).await;
}

/// Tests that a removed dead letter is no longer listed, and that its message is not handled again.
pub async fn a_removed_letter_is_gone<C: KitChannel>(subject: &dyn Subject<C>) {
    let Some(failing) = Failing::<C>::new(subject).await else { return };
    let Failing { case, letters, fixed } = &failing;
    case.publish([pokemon::<C>("a", 1), pokemon::<C>("b", 1)]).await;
    let listed = failing.listed(2).await;
    fixed.store(true, Ordering::SeqCst);
    let calls = case.log.count();
    assert!(letters.remove(&listed[0].id).await.expect("a removal"));
    assert_eq!(failing.listed(1).await, [listed[1].clone()]);
    assert!(!letters.remove(&listed[0].id).await.expect("a response"));
    assert!(!letters.redrive(&listed[0].id).await.expect("a response"));
    tokio::time::sleep(case.capabilities.quiet).await;
    assert_eq!(case.log.count(), calls, "no message is handled again");
}

/// Tests that a dead letter that was published as a replay is still a replay after a redrive.
pub async fn a_redriven_replay_is_a_replay<C: KitChannel>(subject: &dyn Subject<C>) {
    let Some(failing) = Failing::<C>::new(subject).await else { return };
    let Failing { case, letters, fixed } = &failing;
    case.channel.publish_message(pokemon::<C>("a", 1)).replay(true).await.expect("a replay is published");
    let listed = failing.listed(1).await;
    assert!(listed[0].replay);
    fixed.store(true, Ordering::SeqCst);
    let calls = case.log.count();
    assert!(letters.redrive(&listed[0].id).await.expect("a redrive"));
    case.log.until("the redriven message is handled", |log| log.count() > calls).await;
    assert!(case.log.calls().last().expect("a call").context.replay);
}

/// Tests that the dead letter of a message that the program cannot decode contains the message as it was published.
pub async fn an_undecodable_letter_is_shown<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    let Some(failing) = Failing::<C>::new(subject).await else { return };
    if !may_be_undecodable::<C>(&failing.case.capabilities) {
        return;
    }
    let published = publish_unknown(&failing.case.channel, "a").await;
    let listed = failing.listed(1).await;
    assert_eq!(body(&listed[0]), published);
    assert!(failing.letters.remove(&listed[0].id).await.expect("a removal"));
}

/// Tests that redriving a dead letter calls only the listener that has this dead letter, and that each listener has
/// separate dead letters.
pub async fn a_redriven_message_reaches_its_listener_only<C: KitBus, F: BusFactory<C::Order>>(factory: &F) {
    let (channel, capabilities) = (C::open(), factory.capabilities());
    let bus = factory.attach(&channel, retry_policy(&capabilities, RETRIES)).await;
    let logs = [(); 3].map(|()| Log::new(&capabilities));
    let fixed = Arc::new(AtomicBool::new(false));
    for log in &logs[..2] {
        let is_fixed = fixed.clone();
        let answer = move |_: &super::log::Call| {
            if is_fixed.load(Ordering::SeqCst) { Answer::Done } else { Answer::FailPermanently }
        };
        bus.listen(Filter::all().on_replay(true), log.handler(answer)).await;
    }
    bus.listen(Filter::all(), logs[2].handler(|_| Answer::Done)).await;
    let (Some(first), Some(second)) = (bus.dead_letters(0), bus.dead_letters(1)) else { return };
    channel.publish_message(pokemon::<C>("a", 1)).await.expect("a message is published");
    let (of_first, of_second) = (listed(&*first, &capabilities, 1).await, listed(&*second, &capabilities, 1).await);
    assert_eq!(body(&of_first[0]), body(&of_second[0]));
    fixed.store(true, Ordering::SeqCst);
    assert!(second.redrive(&of_second[0].id).await.expect("a redrive"));
    logs[1].until("the redriven message is handled", |log| log.count() == 2).await;
    tokio::time::sleep(capabilities.quiet).await;
    let counts = logs.each_ref().map(Log::count);
    assert_eq!(counts, [1, 2, 1]);
    listed(&*second, &capabilities, 0).await;
    assert_eq!(listed(&*first, &capabilities, 1).await, of_first);
}
