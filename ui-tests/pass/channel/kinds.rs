#![allow(unused)]

include!("../../game/stores.rs");

mod kind_not_imported {
    use super::{Pokemon, message_channel};
    use castore::channel::NotificationMessageBus;

    message_channel! {
        pub type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod another_type_as_kind {
    use super::{Pokemon, message_channel};

    pub struct NotificationMessageBus;

    message_channel! {
        pub type GameBus = castore::channel::NotificationMessageBus<Pokemon>;
    }
}

mod alias_without_attribute {
    use super::*;

    #[channel]
    type GameBus = NotificationMessageBus<Pokemon, Trainer>;

    fn alias_without_attribute(pokemons: EventStore<Pokemon>) {
        let _ = pokemons.connect(GameBus::new());
    }
}

fn main() {}
