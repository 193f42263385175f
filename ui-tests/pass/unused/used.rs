#![allow(unused)]
#![deny(unused_must_use)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn connect_dropped(
    pokemons: EventStore<Pokemon>,
    app_bus: AppBus,
) -> castore::ConnectedEventStore<Pokemon, AppBus> {
    pokemons.connect(app_bus)
}

fn connect_via_relay_dropped(
    pokemons: EventStore<Pokemon>,
    app_bus: AppBus,
) -> castore::RelayedEventStore<Pokemon, AppBus> {
    pokemons.connect_via_relay(app_bus)
}

fn clock_dropped(pokemons: EventStore<Pokemon>, clock: castore::testing::ManualClock) -> EventStore<Pokemon> {
    pokemons.with_clock(clock)
}

fn listener_dropped(listeners: castore::consumer::Listeners<AppBus>) -> castore::consumer::Listeners<AppBus> {
    listeners.on(Filter::store::<Pokemon>(), |_, _| async { Ok(()) })
}

fn filter_dropped(filter: Filter<Pokemon>) -> Filter<Pokemon> {
    filter.on_replay(true)
}

fn push_not_awaited(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
) -> impl Future<Output = Result<castore::PushedEvent<Pokemon>, castore::PushEventError>> {
    async move { pokemons.push_event(event).await }
}

async fn push_within_not_awaited<K: 'static>(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let _ = pokemons.push_event(event).within(transaction).await;
}

fn main() {}
