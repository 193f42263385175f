include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_type_of_store_not_carried_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    let filter = Filter::store::<Trainer>().event_type(TrainerEventType::Joined);
    listener.on(filter, |_, _| async { Ok(()) });
}

fn main() {}
