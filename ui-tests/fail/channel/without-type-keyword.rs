include!("../../game/stores.rs");

message_channel! {
    pub GameBus = NotificationMessageBus<Pokemon, Trainer>;
}

fn main() {}
