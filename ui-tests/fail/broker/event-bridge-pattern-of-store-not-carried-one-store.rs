#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::event_bridge::{EventBridgeMessageBusAdapter, EventBridgeMessageBusMessage, EventPattern, aws_sdk_eventbridge::Client};

fn event_bridge_pattern_of_store_not_carried_one_store() {
    let _ = EventPattern::of_filter::<PokemonBus>(&Filter::store::<Trainer>());
}

fn main() {}
