include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn not_a_store(app_bus: AppBus) {
    Relay::builder(app_bus).publish(&5);
}

fn main() {}
