include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn relay_in_order_on_unordered_bus(app_bus: AppBus) {
    let _ = Relay::builder(app_bus).in_order();
}

fn main() {}
