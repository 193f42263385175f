#![allow(unused)]

include!("../../game/stores.rs");

mod handle_as_source {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod aggregate_as_source {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod event_as_source {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod unresolved_source {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod not_an_event_store_in_two_channels {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
        type GameQueue = NotificationMessageQueue<Pokemon, Trainer>;
    }

    fn main_program(pokemons: EventStore<Pokemon>, game_queue: GameQueue) {
        InMemoryMessageQueueAdapter::attach_to(&game_queue);
        let _ = pokemons.connect(game_queue);
    }
}

mod two_of_one_name {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
        type GameQueue = NotificationMessageQueue<Pokemon>;
    }
}

mod two_of_one_name_in_two_calls {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon>;
    }

    message_channel! {
        type GameQueue = NotificationMessageQueue<Pokemon>;
    }
}

mod named_like_its_store {
    use super::*;

    message_channel! {
        type PokemonBus = NotificationMessageBus<Pokemon>;
    }
}

mod message_named_like_its_store {
    use super::*;

    message_channel! {
        #[channel(message = GameMessage)]
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod message_name_taken {
    use super::*;

    #[derive(Clone)]
    struct Order;

    message_channel! {
        #[channel(message = GameMessage)]
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod words_of_the_original {
    use super::*;

    message_channel! {
        #[channel(id = "GAME")]
        type GameBus = NotificationMessageBus<Pokemon>;
    }
}

mod as_form {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod colon_form {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod without_type_keyword {
    use super::*;

    message_channel! {
        pub type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod without_semicolon {
    use super::*;

    message_channel! {
        type GameBus = NotificationMessageBus<Pokemon, Trainer>;
    }
}

mod in_an_impl {
    use super::*;

    struct Game;

    #[channel]
    type GameBus = NotificationMessageBus<Pokemon>;
}
