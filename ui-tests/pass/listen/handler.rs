#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn handler_of_another_store(listener: InMemoryMessageBusAdapter<AppBus>) {
    let handler = |_: ReceivedMessage<NotificationMessage<Pokemon>>, _: MessageContext| async { Ok(()) };
    listener.on(Filter::store::<Pokemon>(), handler);
}

fn handler_of_another_store_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    let handler = |_: ReceivedMessage<NotificationMessage<Pokemon>>, _: MessageContext| async { Ok(()) };
    listener.on(Filter::store::<Pokemon>(), handler);
}

mod function_of_another_store {
    use super::*;

    async fn on_trainer(_: ReceivedMessage<NotificationMessage<Trainer>>, _: MessageContext) -> Result<(), HandlerError> {
        Ok(())
    }

    fn function_of_another_store(listener: InMemoryMessageBusAdapter<AppBus>) {
        listener.on(Filter::store::<Trainer>(), on_trainer);
    }
}

fn worker_of_another_channel(queue: InMemoryMessageQueueAdapter<AppQueue>) {
    queue.worker(|_: ReceivedMessage<MessageOf<AppQueue>>, _| async { Ok(()) });
}

fn main() {}
