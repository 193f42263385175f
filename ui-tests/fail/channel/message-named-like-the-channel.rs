include!("../../game/stores.rs");

message_channel! {
    #[channel(message = GameBus)]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
