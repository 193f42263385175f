include!("../../game/stores.rs");

mod kind_not_imported {
    use super::{Pokemon, message_channel};

    message_channel! {
        pub type GameBus = NotificationMessageBus<Pokemon>;
    }
}

fn main() {}
