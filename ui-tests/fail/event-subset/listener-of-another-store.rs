include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
#[event_subset(of = PokemonEvent)]
enum Mailed {
    LeveledUp,
}

fn listener_of_another_store(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.on(Filter::store::<Trainer>().events::<Mailed>(), |_, _| async { Ok(()) });
}

fn main() {}
