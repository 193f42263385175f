include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationMessageBus<Pokemn, Trainer>;
}

fn main() {}
