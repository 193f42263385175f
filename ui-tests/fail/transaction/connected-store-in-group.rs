include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn connected_store_in_group<K: 'static>(
    pokemons: ConnectedEventStore<Pokemon, AppBus>,
    trainers: EventStore<Trainer>,
    appeared: NewEvent<Pokemon>,
    joined: NewEvent<Trainer>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let group = push_event_group((pokemons.group_event(appeared), trainers.group_event(joined)));
    let _ = group.within(transaction).await;
}

fn main() {}
