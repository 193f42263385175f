include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn message_adapter_on_event_store() {
    EventStore::<Pokemon>::new(InMemoryMessageBusAdapter::<AppBus>::new());
}

fn main() {}
