#![allow(unused)]

include!("../../game/stores.rs");

mod required_metadata_without_type {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Audit;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent, metadata(required) = Audit)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }
}

mod misspelled_required_metadata {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Audit;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent, metadata(required) = Audit)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }
}

mod required_metadata_as_option {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Audit;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent, metadata(required) = Audit)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }
}

fn main() {}
