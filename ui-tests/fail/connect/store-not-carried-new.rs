include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_new(battles: EventStore<Battle>, app_bus: AppBus) {
    ConnectedEventStore::new(battles, app_bus);
}

fn main() {}
