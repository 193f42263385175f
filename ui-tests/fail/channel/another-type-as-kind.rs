include!("../../game/stores.rs");

mod another_type_as_kind {
    use super::{Pokemon, message_channel};

    pub struct NotificationMessageBus;

    message_channel! {
        pub type GameBus = NotificationMessageBus<Pokemon>;
    }
}

fn main() {}
