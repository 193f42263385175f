include!("../../game/stores.rs");

message_channel! {
    #[channel(id = "")]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
