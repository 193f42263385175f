include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried(battles: EventStore<Battle>, app_bus: AppBus) {
    battles.connect(app_bus);
}

fn main() {}
