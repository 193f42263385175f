include!("../../game/stores.rs");

message_channel! {
    #[channel(message_bus_id = "GAME", source_event_stores = [Pokemon])]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
