include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn listeners_of_another_channel(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.listen(Listeners::<PokemonBus>::new());
}

fn main() {}
