include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn via_relay_store_not_carried(battles: EventStore<Battle>, app_bus: AppBus) {
    battles.connect_via_relay(app_bus);
}

fn main() {}
