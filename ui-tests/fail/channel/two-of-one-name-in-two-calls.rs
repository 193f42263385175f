include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon>;
}

message_channel! {
    type GameBus = NotificationMessageQueue<Pokemon>;
}

fn main() {}
