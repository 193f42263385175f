include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn listeners_in_order_on_unordered_queue() {
    let _ = Listeners::<AppQueue>::new().in_order();
}

fn main() {}
