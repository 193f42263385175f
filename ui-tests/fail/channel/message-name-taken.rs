include!("../../game/stores.rs");

#[derive(Clone)]
struct Order;

message_channel! {
    #[channel(message = Order)]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
