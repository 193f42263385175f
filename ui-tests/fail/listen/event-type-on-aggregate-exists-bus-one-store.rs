include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_type_on_aggregate_exists_bus_one_store(listener: InMemoryMessageBusAdapter<PokemonCensusBus>) {
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    listener.on(filter, |_, _| async { Ok(()) });
}

fn main() {}
