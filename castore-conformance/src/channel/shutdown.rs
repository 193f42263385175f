//! Tests of shutting down an adapter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_core::channel::PublishError;

use super::channels::KitChannel;
use super::log::{Answer, Call};
use super::subject::{Case, RETRIES, Subject, mixed, pokemon, trainer};

/// Tests that a shutdown returns only when all published messages are handled: the messages in the queue, the messages
/// that are being handled, and the messages that wait for a retry. In all cases, no handler is called after the
/// shutdown, even if the adapter may leave messages in the broker.
pub async fn a_shutdown_handles_pending_messages<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::answering(subject, RETRIES, |call| match (&*call.aggregate, call.context.attempt) {
        ("slow", _) => Answer::Slowly(Duration::from_millis(50)),
        ("fails", 1..=2) => Answer::Fail,
        _ => Answer::Done,
    })
    .await;
    let mut messages = mixed::<C>(3, 5);
    messages.extend([pokemon::<C>("slow", 1), pokemon::<C>("fails", 1), pokemon::<C>("slow", 2)]);
    case.publish_batch(messages).await;
    case.consumer.shutdown().await;
    let after = case.log.calls().len();
    if case.capabilities.drains {
        assert!(after >= 30 + 2 + 3, "only {after} of 35 calls when the shutdown returned");
    }
    tokio::time::sleep(case.capabilities.quiet).await;
    assert_eq!(case.log.calls().len(), after, "handlers were called after the shutdown");
    assert_eq!(case.log.dead(), []);
}

/// Tests that a shutdown with a deadline drops handlers that are still running at the deadline.
pub async fn a_shutdown_with_a_deadline_drops_handlers_that_hang<C: KitChannel>(subject: &dyn Subject<C>) {
    let running = Arc::new(());
    let hangs = Arc::clone(&running);
    let case = Case::answering(subject, RETRIES, move |_| Answer::Forever(Arc::clone(&hangs))).await;
    case.publish([pokemon::<C>("a", 1), trainer::<C>("b", 1)]).await;
    case.log.until("a call", |log| log.count() > 0).await;
    let shutdown = case.consumer.shutdown_within(Duration::from_millis(300));
    tokio::time::timeout(case.capabilities.patience, shutdown).await.expect("the shutdown returns at its deadline");
    // Two references remain: the reference in this function and the reference in the closure of the handler. Each
    // running call holds another reference.
    let patient = Instant::now() + case.capabilities.patience;
    while Arc::strong_count(&running) > 2 {
        assert!(Instant::now() < patient, "a handler was not dropped by the shutdown");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let calls = case.log.count();
    tokio::time::sleep(case.capabilities.quiet).await;
    assert_eq!(case.log.count(), calls, "handlers were called after the shutdown");
}

/// Tests that publishing after a shutdown fails with an error that names the shutdown.
pub async fn publishing_after_a_shutdown_fails<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.publish([pokemon::<C>("a", 1)]).await;
    case.log.settle(1).await;
    case.consumer.shutdown().await;
    if !case.capabilities.refuses_after_shutdown {
        return;
    }
    let single = case.channel.publish_message(pokemon::<C>("a", 2)).await;
    assert!(matches!(single, Err(PublishError::ShutDown)), "{single:?}");
    let batch = case.channel.publish_messages(vec![pokemon::<C>("a", 2), pokemon::<C>("a", 3)]).await;
    assert!(matches!(batch, Err(PublishError::ShutDown)), "{batch:?}");
    tokio::time::sleep(case.capabilities.quiet).await;
    assert_eq!(case.log.calls().len(), 1);
}

/// Tests that a second shutdown returns. Two concurrent shutdowns of an adapter without messages return, too.
pub async fn a_second_shutdown_returns<C: KitChannel>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    case.consumer.shutdown().await;
    case.consumer.shutdown().await;
    let case = Case::<C>::new(subject).await;
    let (one, other) = (case.consumer.clone(), case.consumer.clone());
    tokio::join!(one.shutdown(), other.shutdown());
}

/// Tests that a shutdown does not wait for the delays of retries, however long they are. The remaining retries are made
/// immediately.
pub async fn a_shutdown_does_not_wait_for_delays<C: KitChannel>(subject: &dyn Subject<C>) {
    let capabilities = subject.capabilities();
    if !capabilities.drains {
        return;
    }
    let (channel, log) = (C::open(), super::log::Log::new(&capabilities));
    let policy = castore_core::consumer::RetryPolicy::new(RETRIES, Duration::from_secs(600), 2.0).expect("a policy");
    let consumer = subject.attach(&channel, policy).await;
    consumer.on_dead_letter(log.dead_letter_hook()).await;
    consumer.handle(log.handler(|_: &Call| Answer::Fail)).await;
    channel.publish_message(pokemon::<C>("a", 1)).await.expect("it is published");
    log.until("the first attempt", |log| !log.calls().is_empty()).await;
    let begin = Instant::now();
    consumer.shutdown().await;
    assert!(begin.elapsed() < Duration::from_secs(60), "the shutdown took {:?}", begin.elapsed());
    assert_eq!(log.calls().len(), RETRIES as usize + 1);
    assert_eq!(log.dead().len(), 1);
}

/// Tests that a shutdown drops the handlers and the hooks. Otherwise, a handler that owns its own channel would never
/// be freed.
pub async fn a_shutdown_drops_handlers<C: KitChannel>(subject: &dyn Subject<C>) {
    let witness = Arc::new(());
    let owned = witness.clone();
    let case = Case::answering(subject, RETRIES, move |_| {
        let _ = &owned;
        Answer::Done
    })
    .await;
    case.publish([pokemon::<C>("a", 1)]).await;
    case.log.settle(1).await;
    assert!(Arc::strong_count(&witness) > 1);
    case.consumer.shutdown().await;
    // The task of the last call may still hold a reference for a moment.
    let begin = Instant::now();
    while Arc::strong_count(&witness) > 1 {
        let patience = subject.capabilities().patience;
        assert!(begin.elapsed() < patience, "the handler was not dropped by the shutdown");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Tests that if publishing races with a shutdown, each message is either published and handled, or rejected with an
/// error.
pub async fn publishers_that_meet_a_shutdown_lose_nothing<C: KitChannel>(subject: &dyn Subject<C>) {
    let capabilities = subject.capabilities();
    if !(capabilities.drains && capabilities.refuses_after_shutdown) {
        return;
    }
    for round in 0..10 {
        let case = Case::<C>::new(subject).await;
        let mut tasks = tokio::task::JoinSet::new();
        for publisher in 0..4 {
            let channel = case.channel.clone();
            tasks.spawn(async move {
                let mut published = 0;
                for number in 1..=200 {
                    match channel.publish_message(pokemon::<C>(&format!("p{publisher}"), number)).await {
                        Ok(()) => published += 1,
                        Err(PublishError::ShutDown) => break,
                        Err(error) => panic!("{error:?}"),
                    }
                }
                published
            });
        }
        tokio::time::sleep(Duration::from_micros(50 * round)).await;
        case.consumer.shutdown().await;
        let published: usize = tasks.join_all().await.into_iter().sum();
        case.log.settle(published).await;
    }
}
