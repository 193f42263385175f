include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn relay_in_order_on_unordered_bus_one_store(pokemon_bus: PokemonBus) {
    let _ = Relay::builder(pokemon_bus).in_order();
}

fn main() {}
