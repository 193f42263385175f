include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon, EventStore<Trainer>>;
}

fn main() {}
