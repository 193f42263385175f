include!("../../game/stores.rs");

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon, TrainerEvent>;
}

fn main() {}
