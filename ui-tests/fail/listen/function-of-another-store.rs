include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn on_trainer(_: ReceivedMessage<NotificationMessage<Trainer>>, _: MessageContext) -> Result<(), HandlerError> {
    Ok(())
}

fn function_of_another_store(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.on(Filter::store::<Pokemon>(), on_trainer);
}

fn main() {}
