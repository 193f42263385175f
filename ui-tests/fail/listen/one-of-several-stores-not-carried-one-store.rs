include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn one_of_several_stores_not_carried_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    let filters = (Filter::store::<Pokemon>(), Filter::store::<Trainer>());
    listener.on(filters, |_, _| async { Ok(()) });
}

fn main() {}
