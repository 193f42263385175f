#![allow(unused)]

include!("../../game/stores.rs");

mod words_of_the_original {
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
