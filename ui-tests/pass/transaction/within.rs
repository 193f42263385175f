#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn connected_store<K: 'static>(
    pokemons: EventStore<Pokemon>,
    app_bus: AppBus,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let pokemons = pokemons.connect_via_relay(app_bus);
    let _ = pokemons.push_event(event).within(transaction).await;
}

fn connected_store_blocking<K>(
    pokemons: EventStore<Pokemon>,
    app_bus: AppBus,
    event: NewEvent<Pokemon>,
    transaction: &impl castore::storage::BlockingPushTransaction<K>,
) {
    let pokemons = pokemons.connect_via_relay(app_bus);
    let _ = pokemons.push_event(event).within_blocking(transaction);
}

async fn connected_store_in_group<K: 'static>(
    pokemons: RelayedEventStore<Pokemon, AppBus>,
    trainers: EventStore<Trainer>,
    appeared: NewEvent<Pokemon>,
    joined: NewEvent<Trainer>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let group = push_event_group((pokemons.group_event(appeared), trainers.group_event(joined)));
    let _ = group.within(transaction).await;
}

async fn connected_in_both_ways<K: 'static>(
    pokemons: EventStore<Pokemon>,
    app_bus: AppBus,
    app_queue: AppQueue,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let pokemons = pokemons.connect_via_relay(app_bus).connect_via_relay(app_queue);
    let _ = pokemons.push_event(event).within(transaction).await;
}

async fn any_store<K: 'static>(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let _ = pokemons.push_event(event).within(transaction).await;
}

async fn store_of_any_kind<K: 'static>(
    pokemons: &impl TransactionalStore<Pokemon>,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let _ = pokemons.push_event(event).within(transaction).await;
}

fn catch(_: &impl TransactionalStore<Pokemon>) {}

fn connected_store_as_transactional(pokemons: RelayedEventStore<Pokemon, AppBus>) {
    catch(&pokemons);
}

async fn connection<K: 'static>(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let _ = pokemons.push_event(event).within(transaction).await;
}

fn connection_blocking<K>(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    transaction: &impl castore::storage::BlockingPushTransaction<K>,
) {
    let _ = pokemons.push_event(event).within_blocking(transaction);
}

async fn read_connection<K: 'static>(
    pokemons: EventStore<Pokemon>,
    transaction: &mut impl castore::storage::ReadTransaction<K>,
) {
    let _ = pokemons.get_aggregate("pikachu1").within(transaction).await;
    let _ = pokemons.get_existing_aggregate("pikachu1").without_events().within(transaction).await;
    let _ = pokemons.get_events("pikachu1").within(transaction).await;
}

fn read_connection_blocking<K>(
    pokemons: EventStore<Pokemon>,
    transaction: &impl castore::storage::BlockingReadTransaction<K>,
) {
    let _ = pokemons.get_events("pikachu1").within_blocking(transaction);
    let _ = pokemons.get_existing_aggregate("pikachu1").within_blocking(transaction);
}

/// The future of a generic command that reads can be spawned.
fn read_is_send<K: Send + 'static, T: castore::storage::ReadTransaction<K>>(
    pokemons: EventStore<Pokemon>,
    mut transaction: T,
) {
    fn check<F: Send>(_: F) {}
    check(async move { pokemons.get_aggregate("pikachu1").within(&mut transaction).await });
}

/// The future of a generic command can be spawned.
fn is_send<K: Send + 'static, T: castore::storage::PushTransaction<K>>(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    mut transaction: T,
) {
    fn check<F: Send>(_: F) {}
    check(async move { pokemons.push_event(event).within(&mut transaction).await });
}

fn main() {}
