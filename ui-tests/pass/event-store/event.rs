#![allow(unused)]

include!("../../game/stores.rs");

mod event_without_derive {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed,
    }

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = OrderEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }
}

mod event_type_instead_of_event {
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

fn main() {}
