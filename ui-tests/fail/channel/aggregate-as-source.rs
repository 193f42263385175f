include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon, Aggregate<Trainer>>;
}

fn main() {}
