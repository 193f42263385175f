include!("../../game/stores.rs");

message_channel! {
    #[channel(order = "fifo")]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
