include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationBus<Pokemon>;
}

fn main() {}
