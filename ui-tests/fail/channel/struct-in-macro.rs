include!("../../game/stores.rs");

message_channel! {
    struct GameBus(NotificationMessageBus<Pokemon>);
}

fn main() {}
