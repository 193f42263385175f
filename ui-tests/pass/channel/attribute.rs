#![allow(unused)]

include!("../../game/stores.rs");

mod attribute_on_struct {
    use super::*;

    #[channel]
    type GameBus = NotificationMessageBus<Pokemon>;
}

mod attribute_several_mistakes {
    use super::*;

    #[channel(id = "GAME", order = "per_aggregate", message = GameMessage)]
    type GameBus = NotificationMessageBus<Pokemon, Trainer>;
}

fn main() {}
