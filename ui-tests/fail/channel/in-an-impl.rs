include!("../../game/stores.rs");

struct Game;

impl Game {
    #[channel]
    type GameBus = NotificationMessageBus<Pokemon>;
}

fn main() {}
