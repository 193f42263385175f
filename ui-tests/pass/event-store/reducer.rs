#![allow(unused)]

include!("../../game/stores.rs");

mod no_reducer {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }
}

mod reducer_without_store {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }
}

mod reducer_misses_an_event {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = PokemonEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            match event.payload {
                PokemonEvent::Appeared { .. } => Ok(Self),
                PokemonEvent::LeveledUp => Ok(Self),
            }
        }
    }
}

mod reducer_of_another_event {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = PokemonEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            match event.payload {
                PokemonEvent::Appeared { .. } => Ok(Self),
                PokemonEvent::LeveledUp => Ok(Self),
            }
        }
    }
}

fn main() {}
