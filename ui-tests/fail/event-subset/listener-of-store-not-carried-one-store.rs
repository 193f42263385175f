include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
#[event_subset(of = TrainerEvent)]
enum Mailed {
    Joined,
}

fn listener_of_store_not_carried_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    listener.on(Filter::store::<Trainer>().events::<Mailed>(), |_, _| async { Ok(()) });
}

fn main() {}
