include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried(battles: EventStore<Battle>, app_bus: AppBus) {
    Relay::builder(app_bus).publish(&battles);
}

fn main() {}
