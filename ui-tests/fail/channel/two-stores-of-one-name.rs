include!("../../game/stores.rs");

mod wild {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "WILD", event = PokemonEvent)]
    pub struct Pokemon;

    impl Reducer for Pokemon {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }
}

message_channel! {
    type GameBus = NotificationMessageBus<Pokemon, wild::Pokemon>;
}

fn main() {}
