include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    listener.on(Filter::store::<Trainer>(), |message, _| async move {
        let _ = message.event.version;
        Ok(())
    });
}

fn main() {}
