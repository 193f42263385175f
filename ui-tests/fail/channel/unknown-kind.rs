include!("../../game/stores.rs");

message_channel! {
    type GameBus = Vec<Pokemon>;
}

fn main() {}
