include!("../../game/stores.rs");

message_channel! {
    #[channel(id = "GAME\nBUS")]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
