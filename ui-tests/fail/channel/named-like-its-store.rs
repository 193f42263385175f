include!("../../game/stores.rs");

message_channel! {
    type Pokemon = NotificationMessageBus<Pokemon>;
}

fn main() {}
