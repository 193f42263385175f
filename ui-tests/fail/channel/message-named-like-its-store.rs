include!("../../game/stores.rs");

message_channel! {
    #[channel(message = Pokemon)]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
