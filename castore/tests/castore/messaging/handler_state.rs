//! Handlers with state: methods of structs, closures and async closures.

use std::sync::Arc;

use castore::consumer::MessageHandler;
use castore::prelude::*;

use super::counter::*;
use crate::support::Log;

/// A struct that handles messages with its services.
struct Mailer {
    sender: &'static str,
    sent: Log<String>,
}

impl Mailer {
    fn new(sender: &'static str) -> Arc<Self> {
        Arc::new(Self { sender, sent: Log::new() })
    }

    async fn send(&self, text: &str) -> Result<(), std::io::Error> {
        tokio::task::yield_now().await;
        self.sent.add(format!("{}: {text}", self.sender));
        Ok(())
    }

    async fn on_counter(
        self: Arc<Self>,
        message: ReceivedMessage<NotificationMessage<Counter>>,
        context: MessageContext,
    ) -> Result<(), HandlerError> {
        if context.attempt == 1 {
            return Err(HandlerError::new("not yet"));
        }
        self.send(&name(&message)).await?;
        Ok(())
    }

    async fn on_queue(
        self: Arc<Self>,
        message: ReceivedMessage<CounterQueueMessage>,
        _: MessageContext,
    ) -> Result<(), HandlerError> {
        self.send(&name_in_queue(&message)).await?;
        Ok(())
    }
}

#[tokio::test]
async fn methods_and_closures_receive_the_state_with_each_attempt() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(RetryPolicy::immediately(1));
    let mailer = Mailer::new("ada");
    let counted = Filter::store::<Counter>().event_type(CounterEventType::Counted);
    adapter.listen(Listeners::<CounterBus>::new().on_with_state(counted, mailer.clone(), Mailer::on_counter));
    let log = Log::new();
    let listeners = Listeners::<CounterBus>::new()
        // An async closure borrows from its arguments, and infers their types.
        .on_with_state(Filter::store::<Counter>(), mailer.clone(), async |mailer, message, _| {
            mailer.send(&format!("async {}", message.event.version)).await?;
            Ok(())
        })
        // A closure can receive several values as a tuple.
        .on_with_state(Filter::all(), (mailer.clone(), log.clone()), |(mailer, log), message, context| async move {
            let CounterBusMessage::Counter(message) = &*message;
            log.add((mailer.sender, name(message), context.attempt));
            Ok(())
        });
    adapter.listen(listeners);
    bus.publish_message(message("a", 1)).await.unwrap();
    adapter.idle().await;
    let mut sent = mailer.sent.entries();
    sent.sort();
    assert_eq!(sent, ["ada: a1", "ada: async 1"]);
    assert_eq!(log.entries(), [("ada", "a1".to_owned(), 1)]);
    adapter.shutdown().await;
    assert_eq!(Arc::strong_count(&mailer), 1, "the shutdown drops the handlers with their state");
}

#[tokio::test]
async fn handler_of_a_whole_channel_receives_the_state() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let mailer = Mailer::new("ada");
    adapter.listen(Listeners::<CounterQueue>::new().otherwise_with_state(mailer.clone(), Mailer::on_queue));
    queue.publish_message(message("a", 1)).await.unwrap();
    queue.publish_message(message("b", 1)).replay(true).await.unwrap();
    adapter.idle().await;
    assert_eq!(mailer.sent.take(), ["ada: a1", "ada: b1"], "all messages, including replays");

    let listeners = || Listeners::<CounterQueue>::new().otherwise_with_state(mailer.clone(), Mailer::on_queue);
    let inline = InlineMessageQueueAdapter::<CounterQueue>::listening(listeners());
    let queue = CounterQueue::new();
    queue.set_adapter(inline);
    queue.publish_message(message("c", 1)).await.unwrap();
    let handler = MessageHandler::<CounterQueue>::from(listeners());
    handler.handle(Arc::new(message("d", 1).into()), MessageContext::new(1, 0, false)).await.unwrap();
    assert_eq!(mailer.sent.entries(), ["ada: c1", "ada: d1"]);
}

/// An async closure that captures nothing is a handler, and infers the types of its arguments. An async closure that
/// captures would borrow from itself, so it moves its captures through the state.
#[tokio::test]
async fn async_closures_without_captures_are_handlers() {
    let bus = CounterBus::new();
    let adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    adapter.on(Filter::store::<Counter>(), async |message, context| {
        assert_eq!((message.event.version, context.attempt), (1, 1));
        Ok(())
    });
    let queue = CounterQueue::new();
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    worker.worker(async |message, _| {
        assert_eq!(name_in_queue(&message), "a1");
        Ok(())
    });
    bus.publish_message(message("a", 1)).await.unwrap();
    queue.publish_message(message("a", 1)).await.unwrap();
    adapter.idle().await;
    worker.idle().await;
    assert_eq!((adapter.status().handled, worker.status().handled), (1, 1));
}

#[tokio::test]
async fn hook_of_a_store_receives_the_state() {
    let mailer = Mailer::new("ada");
    let counters = EventStore::<Counter>::new(InMemoryEventStorageAdapter::new());
    counters.on_event_pushed_with_state(mailer.clone(), async |mailer, pushed| {
        mailer.send(&format!("pushed {}", pushed.event.version)).await?;
        Ok(())
    });
    counters.push_event(event("a", 1)).await.unwrap();
    // The hook of the connected store is that of the original store.
    let connected = counters.connect(CounterBus::new());
    connected.on_event_pushed_with_state((mailer.clone(), "again"), |(mailer, word), pushed| async move {
        mailer.send(&format!("{word} {}", pushed.event.version)).await?;
        Ok(())
    });
    counters.push_event(event("a", 2)).await.unwrap();
    assert_eq!(mailer.sent.entries(), ["ada: pushed 1", "ada: again 2"]);
}
