include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn storage_adapter_on_channel(bus: AppBus) {
    bus.set_adapter(InMemoryEventStorageAdapter::new());
}

fn main() {}
