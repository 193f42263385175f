include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon>;
    type GameBus = NotificationMessageQueue<Pokemon>;
}

fn main() {}
