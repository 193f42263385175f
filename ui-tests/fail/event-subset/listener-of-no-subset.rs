include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn listener_of_no_subset(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.on(Filter::store::<Pokemon>().events::<TrainerEvent>(), |_, _| async { Ok(()) });
}

fn main() {}
