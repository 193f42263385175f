include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_type_instead_of_filter(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.on(PokemonEventType::Appeared, |_, _| async { Ok(()) });
}

fn main() {}
