include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn handler_of_another_store_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    let handler = |_: ReceivedMessage<NotificationMessage<Trainer>>, _: MessageContext| async { Ok(()) };
    listener.on(Filter::store::<Pokemon>(), handler);
}

fn main() {}
