include!("../../game/stores.rs");

message_channel! {
    NotificationMessageBus<Pokemon, Trainer> as GameBus
}

fn main() {}
