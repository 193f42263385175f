include!("../../game/stores.rs");

type Monster = Pokemon;

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon, Monster>;
}

fn main() {}
