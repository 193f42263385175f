#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::event_bridge::{EventBridgeMessageBusAdapter, EventBridgeMessageBusMessage, EventPattern, aws_sdk_eventbridge::Client};

fn event_bridge_on_ordered_bus(bus: AppBus, client: Client) {
    EventBridgeMessageBusAdapter::attach_to(&bus, client, "bus");
}

fn event_bridge_on_ordered_bus_one_store(bus: PokemonBus, client: Client) {
    EventBridgeMessageBusAdapter::attach_to(&bus, client, "bus");
}

fn event_bridge_on_queue(bus: AppBus, client: Client) {
    EventBridgeMessageBusAdapter::attach_to(&bus, client, "bus");
}

fn event_bridge_pattern_of_store_not_carried_one_store() {
    let _ = EventPattern::of_filter::<PokemonBus>(&Filter::store::<Pokemon>());
}

fn event_bridge_message_of_store_not_carried_one_store(_: EventBridgeMessageBusMessage<PokemonBus, Pokemon>) {
}

fn main() {}
