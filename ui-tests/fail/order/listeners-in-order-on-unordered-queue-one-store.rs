include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn listeners_in_order_on_unordered_queue_one_store() {
    let _ = Listeners::<PokemonQueue>::new().in_order();
}

fn main() {}
