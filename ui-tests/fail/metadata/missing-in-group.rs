include!("../../game/stores.rs");
include!("../../game/audited.rs");

async fn missing_in_group(
    pokemons: EventStore<Pokemon>,
    orders: EventStore<Order>,
    appeared: NewEvent<Pokemon>,
    placed: NewEvent<Order>,
) {
    let _ = push_event_group((pokemons.group_event(appeared), orders.group_event(placed))).await;
}

fn main() {}
