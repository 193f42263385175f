include!("../../game/stores.rs");

message_channel! {
    GameBus: NotificationMessageBus<Pokemon, Trainer>;
}

fn main() {}
