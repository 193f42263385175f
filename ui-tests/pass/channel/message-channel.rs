#![allow(unused)]

include!("../../game/stores.rs");

mod store_listed_twice {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod store_listed_twice_by_alias {
    use super::*;

    type Monster = Pokemon;

    message_channel! {
        type GameBus = NotificationMessageBus<Trainer, Monster>;
    }
}

mod two_stores_of_one_id {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "RIVALS", event = TrainerEvent)]
    struct Rival;

    impl Reducer for Rival {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer, Rival>;
    }
}

mod not_an_event_store {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Customer;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod not_an_event_store_one_store {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Customer;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod not_an_event_store_with_state {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Customer;

    message_channel! {
        type GameBus = StateCarryingMessageBus<Pokemon, Trainer>;
    }
}

mod not_an_event_store_with_state_one_store {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Customer;

    message_channel! {
        type GameBus = StateCarryingMessageBus<Pokemon>;
    }
}

mod no_sources {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod empty_sources {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod misspelled_kind {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod unknown_kind {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod reference_to_a_store {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod generic {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod misspelled_option {
    use super::*;

    message_channel! {
        #[channel(order = "per_aggregate")]
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod unknown_order {
    use super::*;

    message_channel! {
        #[channel(order = "per_aggregate")]
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod empty_id {
    use super::*;

    message_channel! {
        #[channel(id = "GAME")]
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod message_named_like_the_channel {
    use super::*;

    message_channel! {
        #[channel(message = GameMessage)]
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod struct_in_macro {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod equals_sign_missing {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod two_stores_of_one_name {
    use super::*;

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
    use wild::Pokemon as WildPokemon;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, WildPokemon>;
    }
}

mod two_stores_of_one_name_with_state {
    use super::*;

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
    use wild::Pokemon as WildPokemon;

    message_channel! {
        type GameBus = StateCarryingMessageBus<Pokemon, WildPokemon>;
    }
}

mod several_mistakes {
    use super::*;

    message_channel! {
        #[channel(id = "GAME", order = "per_aggregate")]
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;

        type GameQueue = StateCarryingMessageQueue<Pokemon>;
    }
}

mod line_break_in_id {
    use super::*;

    message_channel! {
        #[channel(id = "GAME BUS")]
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

fn main() {}
