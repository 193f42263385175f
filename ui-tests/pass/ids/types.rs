#![allow(unused)]

include!("../../game/stores.rs");

mod id_type_is_not_text {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent, aggregate_id = GymId)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }
}

fn main() {}
