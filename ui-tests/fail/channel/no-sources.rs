include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationMessageBus;
}

fn main() {}
