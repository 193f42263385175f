include!("../../game/stores.rs");
include!("../../game/channels.rs");

#[derive(Clone, EventSubset)]
#[event_subset(of = PokemonEvent)]
enum Mailed {
    LeveledUp,
}

fn listener_on_aggregate_exists_bus(listener: InMemoryMessageBusAdapter<CensusBus>) {
    listener.on(Filter::store::<Pokemon>().events::<Mailed>(), |_, _| async { Ok(()) });
}

fn main() {}
