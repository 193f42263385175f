#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::event_bridge::{EventBridgeMessageBusAdapter, EventBridgeMessageBusMessage, EventPattern, aws_sdk_eventbridge::Client};

fn event_bridge_on_ordered_bus(bus: OrderedBus, client: Client) {
    EventBridgeMessageBusAdapter::attach_to(&bus, client, "bus");
}

fn main() {}
