include!("../../game/stores.rs");

message_channel! {
    type GameBus<T> = NotificationMessageBus<Pokemon>;
}

fn main() {}
