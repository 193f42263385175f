include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon, Trainer>
}

fn main() {}
