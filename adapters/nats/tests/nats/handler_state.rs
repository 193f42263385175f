//! Tests of handlers with state.

use std::sync::Arc;

use castore_core::channel::MessageChannelAdapter;
use castore_core::consumer::{Filter, HandlerError, Listeners, MessageContext, ReceivedMessage};
use castore_core::message::NotificationMessage;
use castore_nats::{NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker};

use crate::domain::{AppBus, AppBusMessage, AppQueue, AppQueueMessage, LIVE, Pokemon, appeared};
use crate::support::{Calls, fresh};

/// A struct that handles the messages of a bus and of a queue.
struct Mailer {
    calls: Calls,
}

impl Mailer {
    async fn on_pokemon(
        self: Arc<Self>,
        message: ReceivedMessage<NotificationMessage<Pokemon>>,
        context: MessageContext,
    ) -> Result<(), HandlerError> {
        self.calls.note(&AppBusMessage::Pokemon((*message).clone()), context);
        Ok(())
    }

    async fn on_queue(
        self: Arc<Self>,
        message: ReceivedMessage<AppQueueMessage>,
        context: MessageContext,
    ) -> Result<(), HandlerError> {
        self.calls.note(&*message, context);
        Ok(())
    }
}

#[tokio::test]
async fn listener_and_worker_call_methods_of_a_shared_struct() {
    let mailer = Arc::new(Mailer { calls: Calls::default() });
    let (client, streams) = fresh().await;
    let bus = NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0).await.unwrap();
    let listeners =
        Listeners::<AppBus>::new().on_with_state(Filter::store::<Pokemon>(), mailer.clone(), Mailer::on_pokemon);
    let listener = NatsListener::builder_with_listeners(&bus, "mails", listeners).start().await.unwrap();
    bus.publish_message(appeared("a", 1), LIVE).await.unwrap();
    mailer.calls.until(1).await;
    listener.shutdown().await.unwrap();

    let (client, streams) = fresh().await;
    let queue = NatsMessageQueueAdapter::<AppQueue>::connect(client, &streams.0).await.unwrap();
    let listeners = Listeners::<AppQueue>::new().otherwise_with_state(mailer.clone(), Mailer::on_queue);
    let worker = NatsWorker::builder_with_listeners(&queue, listeners).start().await.unwrap();
    queue.publish_message(appeared("b", 1), LIVE).await.unwrap();
    mailer.calls.until(2).await;
    worker.shutdown().await.unwrap();
    assert_eq!(mailer.calls.all(), [("a".to_owned(), 1, 1), ("b".to_owned(), 1, 1)]);
}
