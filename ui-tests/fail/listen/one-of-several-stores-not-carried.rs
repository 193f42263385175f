include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn one_of_several_stores_not_carried(listener: InMemoryMessageBusAdapter<AppBus>) {
    let filters = (Filter::store::<Pokemon>(), Filter::store::<Battle>());
    listener.on(filters, |_, _| async { Ok(()) });
}

fn main() {}
