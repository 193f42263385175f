include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn store_not_carried(battles: EventStore<Battle>, app_bus: AppBus) {
    let _ = pour_event_store_events(&battles, &app_bus);
}

fn main() {}
