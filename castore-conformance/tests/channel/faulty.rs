//! Tests that the kit detects faults. Each queue has one fault, and the tests of the kit that are listed for
//! the fault must fail.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::channel::channels::OrderedNotificationQueue;
use castore_conformance::channel::{
    AsQueue, ChannelCapabilities, DeadLetterHook, Handler, KitQueue, QueueConsumer, QueueFactory, connected, context,
    dead_letters, delivery, order, replay, retries, shutdown, undecodable, unwritable,
};
use castore_core::channel::{
    AdapterFor, MessageChannelAdapter, MessageOrder, PerAggregate, PublishError, PublishMessageOptions, Queue,
};
use castore_core::consumer::{
    ConsumerStatus, DeadLetters, DeadLettersError, FailureAction, HandlerError, Listeners, MessageContext, RetryPolicy,
    StoredDeadLetter,
};
use castore_core::message::{ChannelMessage as _, StoredMessage};
use castore_runtime::in_memory::{InMemoryDeadLetters, InMemoryMessageQueueAdapter};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    EleventhOfBatchLost,
    BatchReversed,
    Twice,
    ReplayIgnored,
    ReplayLostOnRetry,
    ReplayTakenForDuplicate,
    ForcedTakenForDuplicate,
    TextChanged,
    PublishingWaits,
    OneAttemptMore,
    NoRetries,
    RetriesAtOnce,
    PermanentTriedAgain,
    DeadLettersVanish,
    ErrorRenderedUnguarded,
    OrderLostOnRetry,
    ShutdownDropsWaiting,
    ShutdownLeavesOpen,
    DeadlineIgnored,
    UnwritableAccepted,
    StoredMessagesLost,
    StoredMessagesReversed,
    ContextRemoved,
    HandlerInAnotherTask,
    UndecodableLost,
    UndecodableNotRetried,
    UndecodableSkipped,
    UnknownTypeNotIgnored,
    IgnoredNotCounted,
    LettersNotListed,
    LettersNotFound,
    RedriveLost,
    RedriveOfAnother,
    RedriveKeepsLetter,
    RedriveLosesReplay,
    RemovedLetterKept,
}

/// Expands to a test that the given behaviors detect each fault, and that they pass without a fault.
macro_rules! found_by {
    (
        [AsQueue] $($fault:ident: $($topic:ident::$behavior:ident),+;)+
        [queue] $($queue_fault:ident: $($queue_topic:ident::$queue_behavior:ident),+;)+
    ) => {
        #[test]
        fn every_fault_is_found_and_only_the_fault() {
            let mut wrong = Vec::new();
            let mut check = |behavior, name, fault, run: &dyn Fn(Fault)| {
                let passes = |fault| catch_unwind(AssertUnwindSafe(|| run(fault))).is_ok();
                if passes(fault) {
                    wrong.push(format!("{behavior} passes despite {name}"));
                }
                if !passes(Fault::None) {
                    wrong.push(format!("{behavior} fails without any fault"));
                }
            };
            $($(
                check(stringify!($behavior), stringify!($fault), Fault::$fault, &|fault| {
                    castore_conformance::__private::run(async {
                        let subject = AsQueue(Factory(fault));
                        $topic::$behavior::<OrderedNotificationQueue>(&subject).await;
                    });
                });
            )+)+
            $($(
                check(stringify!($queue_behavior), stringify!($queue_fault), Fault::$queue_fault, &|fault| {
                    castore_conformance::__private::run(async {
                        $queue_topic::$queue_behavior::<OrderedNotificationQueue, _>(&Factory(fault)).await;
                    });
                });
            )+)+
            assert_eq!(wrong, [] as [String; 0]);
        }
    };
}

found_by! {
    [AsQueue]
    EleventhOfBatchLost: delivery::a_batch_arrives_whole;
    BatchReversed: delivery::messages_of_an_aggregate_arrive_in_order, order::order_survives_failures_at_random;
    Twice: delivery::every_message_arrives_once, delivery::concurrent_publishers_lose_nothing;
    ReplayIgnored: replay::handlers_see_the_replay_flag;
    ReplayLostOnRetry: replay::replays_stay_replays_through_retries;
    ReplayTakenForDuplicate: replay::replays_are_not_deduplicated;
    ForcedTakenForDuplicate: connected::forced_pushes_are_not_deduplicated;
    TextChanged: delivery::any_text_arrives;
    PublishingWaits: delivery::publishing_does_not_wait_for_the_handler;
    OneAttemptMore: retries::an_exhausted_message_is_a_dead_letter, retries::without_retries_a_failure_is_final;
    NoRetries: retries::a_failed_message_is_tried_again, retries::a_panic_is_a_failure;
    RetriesAtOnce: retries::a_failed_message_is_tried_again;
    PermanentTriedAgain: retries::a_permanent_failure_is_not_tried_again;
    DeadLettersVanish: retries::an_exhausted_message_is_a_dead_letter, retries::every_message_ends_handled_or_dead;
    ErrorRenderedUnguarded: retries::an_error_whose_text_panics_is_a_failure;
    OrderLostOnRetry: order::later_messages_wait_for_a_retry, order::concurrent_publishers_keep_their_order;
    ShutdownDropsWaiting: shutdown::a_shutdown_handles_pending_messages;
    DeadlineIgnored: shutdown::a_shutdown_with_a_deadline_drops_handlers_that_hang;
    UnwritableAccepted: unwritable::a_message_that_is_no_json_is_refused;
    StoredMessagesLost: connected::stored_messages_arrive;
    StoredMessagesReversed: connected::stored_messages_arrive;
    ContextRemoved: context::handlers_continue_the_context_of_events, context::stored_messages_carry_the_context;
    HandlerInAnotherTask: context::handlers_continue_the_context_of_events;
    UndecodableLost: undecodable::an_undecodable_message_does_not_disturb_others;
    UndecodableNotRetried: undecodable::an_undecodable_message_is_a_dead_letter_after_its_attempts;
    LettersNotListed: dead_letters::dead_letters_are_listed_and_shown;
    LettersNotFound: dead_letters::dead_letters_are_listed_and_shown;
    RedriveLost: dead_letters::a_redriven_message_is_handled_again, dead_letters::a_redriven_message_can_fail_again;
    RedriveOfAnother: dead_letters::a_redriven_message_is_handled_again;
    RedriveKeepsLetter: dead_letters::a_redriven_message_is_handled_again;
    RedriveLosesReplay: dead_letters::a_redriven_replay_is_a_replay;
    RemovedLetterKept: dead_letters::a_removed_letter_is_gone;
    DeadLettersVanish: dead_letters::an_undecodable_letter_is_shown;
    ShutdownLeavesOpen: shutdown::publishing_after_a_shutdown_fails, shutdown::a_shutdown_drops_handlers;
    [queue]
    UndecodableLost: undecodable::an_unknown_type_that_no_filter_names_is_ignored;
    UndecodableSkipped: undecodable::an_unknown_type_is_a_dead_letter_of_store_wide_listeners;
    UnknownTypeNotIgnored: undecodable::an_unknown_type_that_no_filter_names_is_ignored;
    IgnoredNotCounted: undecodable::an_unknown_type_that_no_filter_names_is_ignored;
}

struct Factory(Fault);

#[async_trait]
impl<O: MessageOrder> QueueFactory<O> for Factory {
    type Consumer<C: KitQueue<Order = O>> = Faulty<C>;

    async fn attach<C: KitQueue<Order = O>>(&self, channel: &C, retry_policy: RetryPolicy) -> Faulty<C> {
        let retries = retry_policy.attempts();
        let retry_policy = match self.0 {
            Fault::OneAttemptMore => {
                RetryPolicy::new(retries + 1, retry_policy.delay_after(1), 1.0).expect("a retry policy")
            }
            Fault::NoRetries => RetryPolicy::NEVER,
            Fault::RetriesAtOnce => RetryPolicy::immediately(retries),
            _ => retry_policy,
        };
        let faulty = Faulty {
            inner: InMemoryMessageQueueAdapter::new()
                .with_retry_policy(retry_policy)
                .with_dead_letters(100)
                .with_undecodable_action(match self.0 {
                    Fault::UndecodableNotRetried => FailureAction::Park,
                    Fault::UndecodableSkipped => FailureAction::Skip,
                    _ => FailureAction::Retry,
                }),
            fault: self.0,
            closed: Arc::default(),
            published: Arc::default(),
        };
        channel.set_adapter(faulty.clone());
        faulty
    }

    fn capabilities(&self) -> ChannelCapabilities {
        // For faulty queues, the limit is short, because they lose messages, and every wait for such a message times
        // out.
        let patience = if self.0 == Fault::None { 30 } else { 1 };
        ChannelCapabilities::full().patience(Duration::from_secs(patience))
    }
}

#[derive(Debug)]
struct Faulty<C: KitQueue> {
    inner: InMemoryMessageQueueAdapter<C>,
    fault: Fault,
    closed: Arc<AtomicBool>,
    published: Arc<Mutex<HashSet<String>>>,
}

impl<C: KitQueue> Clone for Faulty<C> {
    fn clone(&self) -> Self {
        let Self { inner, fault, closed, published } = self;
        Self { inner: inner.clone(), fault: *fault, closed: closed.clone(), published: published.clone() }
    }
}

#[async_trait]
impl<C: KitQueue> MessageChannelAdapter<C::Message> for Faulty<C> {
    async fn publish_message(
        &self,
        mut message: C::Message,
        mut options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let text = serde_json::to_string(&message).unwrap_or_default();
        match self.fault {
            Fault::ReplayIgnored => options.replay = false,
            Fault::ReplayTakenForDuplicate if !self.published.lock().unwrap().insert(text.clone()) => return Ok(()),
            Fault::ForcedTakenForDuplicate => {
                let about = message.as_message();
                let id = format!("{} {} {:?}", about.event_store_id(), about.aggregate_id(), about.version());
                if !self.published.lock().unwrap().insert(id) {
                    return Ok(());
                }
            }
            Fault::ContextRemoved => message = serde_json::from_str(&text.replace("castore", "kastore")).unwrap(),
            Fault::TextChanged => message = serde_json::from_str(&text.replace("\\u0000", "")).unwrap(),
            Fault::ShutdownDropsWaiting if self.closed.load(Ordering::SeqCst) => return Err(PublishError::ShutDown),
            _ => {}
        }
        match self.inner.publish_message(message, options).await {
            Err(PublishError::Rejected { .. }) if self.fault == Fault::UnwritableAccepted => {}
            result => result?,
        }
        if self.fault == Fault::PublishingWaits {
            self.inner.idle().await;
        }
        Ok(())
    }

    async fn publish_messages(
        &self,
        mut messages: Vec<C::Message>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        match self.fault {
            Fault::EleventhOfBatchLost if messages.len() > 10 => drop(messages.remove(10)),
            Fault::BatchReversed => messages.reverse(),
            _ => {}
        }
        for message in messages {
            self.publish_message(message, options.clone()).await?;
        }
        Ok(())
    }

    async fn publish_stored_messages(
        &self,
        mut messages: Vec<StoredMessage<C::Message>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        match self.fault {
            Fault::StoredMessagesLost => return Ok(()),
            Fault::StoredMessagesReversed => messages.reverse(),
            _ => {}
        }
        let mut decoded = Vec::new();
        for message in messages {
            match message.clone().into_message() {
                Ok(message) => decoded.push(message),
                Err(_) if self.fault == Fault::UndecodableLost => {}
                Err(_) => self.inner.publish_stored_messages(vec![message], options.clone()).await?,
            }
        }
        self.publish_messages(decoded, options).await
    }
}

impl<C: KitQueue> AdapterFor<Queue> for Faulty<C> {
    type Order = PerAggregate;
}

#[async_trait]
impl<C: KitQueue> QueueConsumer<C> for Faulty<C> {
    async fn work(&self, worker: Handler<C::Message>) {
        let (fault, closed) = (self.fault, self.closed.clone());
        self.inner.worker(move |message, context| {
            let (worker, closed) = (worker.clone(), closed.clone());
            async move {
                match fault {
                    Fault::ReplayLostOnRetry if context.attempt > 1 => {
                        let MessageContext { attempt, retry_attempts_left, .. } = context;
                        worker(message, MessageContext::new(attempt, retry_attempts_left, false)).await
                    }
                    Fault::Twice => {
                        worker(message.clone(), context.clone()).await?;
                        worker(message, context).await
                    }
                    Fault::HandlerInAnotherTask => tokio::spawn(worker(message, context)).await.unwrap(),
                    Fault::PermanentTriedAgain => {
                        worker(message, context).await.map_err(|error| HandlerError::new(error.into_source()))
                    }
                    Fault::OrderLostOnRetry => {
                        let answer = worker(message.clone(), context.clone()).await;
                        if answer.is_err() {
                            // The message is retried concurrently with the following messages.
                            tokio::spawn(async move {
                                for attempt in 2..=context.retry_attempts_left + 1 {
                                    tokio::time::sleep(Duration::from_millis(20)).await;
                                    let left = context.retry_attempts_left + 1 - attempt;
                                    let context = MessageContext::new(attempt, left, context.replay);
                                    if worker(message.clone(), context).await.is_ok() {
                                        break;
                                    }
                                }
                            });
                        }
                        Ok(())
                    }
                    Fault::ShutdownDropsWaiting if closed.load(Ordering::SeqCst) => Ok(()),
                    _ => worker(message, context).await,
                }
            }
        });
    }

    async fn listen(&self, listeners: Listeners<C>) {
        self.inner.listen(match self.fault {
            // A handler for all messages hides that the filters do not pass the message.
            Fault::UnknownTypeNotIgnored => listeners.otherwise(|_, _| async { Ok(()) }),
            _ => listeners,
        });
    }

    fn status(&self) -> ConsumerStatus {
        match self.fault {
            Fault::IgnoredNotCounted => ConsumerStatus::default(),
            _ => self.inner.status(),
        }
    }

    async fn on_dead_letter(&self, hook: DeadLetterHook<C::Message>) {
        let fault = self.fault;
        if fault != Fault::DeadLettersVanish {
            self.inner.on_dead_letter(move |letter| {
                if fault == Fault::ErrorRenderedUnguarded {
                    let _ = letter.error.to_string();
                }
                hook(letter.into());
            });
        }
    }

    fn dead_letters(&self) -> Option<Arc<dyn DeadLetters>> {
        let (fault, queue) = (self.fault, self.inner.clone());
        Some(Arc::new(FaultyLetters { fault, letters: self.inner.dead_letters(), queue }))
    }

    async fn shutdown(&self) {
        self.closed.store(true, Ordering::SeqCst);
        match self.fault {
            Fault::ShutdownLeavesOpen => self.inner.idle().await,
            _ => self.inner.shutdown().await,
        }
    }

    async fn shutdown_within(&self, limit: Duration) {
        match self.fault {
            Fault::DeadlineIgnored => self.inner.shutdown().await,
            _ => drop(self.inner.shutdown_within(limit).await),
        }
    }
}

/// The stored dead letters of a queue, with the same fault as the queue.
#[derive(Debug)]
struct FaultyLetters<C: KitQueue> {
    fault: Fault,
    letters: InMemoryDeadLetters<C::Message>,
    queue: InMemoryMessageQueueAdapter<C>,
}

impl<C: KitQueue> FaultyLetters<C> {
    /// Publishes the message of a dead letter again, without changing the dead letter.
    async fn publish(&self, letter: &StoredDeadLetter, replay: bool) {
        let message: C::Message = serde_json::from_str(&letter.body).unwrap();
        self.queue.publish_message(message, PublishMessageOptions::new().replay(replay)).await.unwrap();
    }
}

#[async_trait]
impl<C: KitQueue> DeadLetters for FaultyLetters<C> {
    async fn list(&self, limit: usize) -> Result<Vec<StoredDeadLetter>, DeadLettersError> {
        match self.fault {
            Fault::LettersNotListed | Fault::DeadLettersVanish => Ok(Vec::new()),
            _ => self.letters.list(limit).await,
        }
    }

    async fn get(&self, id: &str) -> Result<Option<StoredDeadLetter>, DeadLettersError> {
        if self.fault == Fault::LettersNotFound { Ok(None) } else { self.letters.get(id).await }
    }

    async fn redrive(&self, id: &str) -> Result<bool, DeadLettersError> {
        let Some(letter) = self.letters.get(id).await? else { return Ok(false) };
        match self.fault {
            Fault::RedriveLost => self.letters.remove(id).await,
            Fault::RedriveOfAnother => {
                let last = self.letters.list(100).await?.pop().unwrap();
                self.letters.redrive(&last.id).await
            }
            Fault::RedriveKeepsLetter => {
                self.publish(&letter, letter.replay).await;
                Ok(true)
            }
            Fault::RedriveLosesReplay => {
                self.publish(&letter, false).await;
                self.letters.remove(id).await
            }
            _ => self.letters.redrive(id).await,
        }
    }

    async fn remove(&self, id: &str) -> Result<bool, DeadLettersError> {
        match self.fault {
            Fault::RemovedLetterKept => Ok(self.letters.get(id).await?.is_some()),
            _ => self.letters.remove(id).await,
        }
    }
}
