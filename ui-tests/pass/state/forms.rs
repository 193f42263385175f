#![allow(unused)]

include!("../../game/stores.rs");

mod not_shared {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order(std::sync::Arc<str>);

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self("".into()))
        }
    }
}
