#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.on(Filter::store::<Pokemon>(), |message, _| async move {
        let _ = message.event.version;
        Ok(())
    });
}

fn event_type_of_store_not_carried(listener: InMemoryMessageBusAdapter<AppBus>) {
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    listener.on(filter, |_, _| async { Ok(()) });
}

fn one_of_several_stores_not_carried(listener: InMemoryMessageBusAdapter<AppBus>) {
    let filters = (Filter::store::<Pokemon>(), Filter::store::<Pokemon>().on_replay(true));
    listener.on(filters, |_, _| async { Ok(()) });
}

fn event_type_on_aggregate_exists_bus(listener: InMemoryMessageBusAdapter<AppBus>) {
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    listener.on(filter, |_, _| async { Ok(()) });
}

fn store_not_carried_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    listener.on(Filter::store::<Pokemon>(), |message, _| async move {
        let _ = message.event.version;
        Ok(())
    });
}

fn event_type_of_store_not_carried_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    listener.on(filter, |_, _| async { Ok(()) });
}

fn one_of_several_stores_not_carried_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    let filters = (Filter::store::<Pokemon>(), Filter::store::<Pokemon>().on_replay(true));
    listener.on(filters, |_, _| async { Ok(()) });
}

fn event_type_on_aggregate_exists_bus_one_store(listener: InMemoryMessageBusAdapter<PokemonBus>) {
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    listener.on(filter, |_, _| async { Ok(()) });
}

fn event_type_of_another_store() {
    let _ = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
}

fn second_event_type_of_another_store(filter: castore::consumer::EventTypeFilter<Pokemon>) {
    let _ = filter.event_type(PokemonEventType::LeveledUp);
}

fn event_type_of_no_store() {
    let _ = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
}

fn event_instead_of_event_type() {
    let _ = Filter::store::<Pokemon>().event_type(PokemonEventType::LeveledUp);
}

fn event_type_instead_of_filter(listener: InMemoryMessageBusAdapter<AppBus>) {
    let filter = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    listener.on(filter, |_, _| async { Ok(()) });
}

fn not_an_event_store() {
    let _ = Filter::store::<Pokemon>();
}

fn main() {}
