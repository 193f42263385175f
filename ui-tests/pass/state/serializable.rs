#![allow(unused)]

include!("../../game/stores.rs");

mod not_serializable {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }

    message_channel! {
        type OrderQueue = StateCarryingMessageQueue<Pokemon, Order>;
    }
}

mod not_serializable_one_store {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }

    message_channel! {
        type OrderQueue = StateCarryingMessageQueue<Order>;
    }
}

mod not_deserializable {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self)
        }
    }

    message_channel! {
        type OrderQueue = StateCarryingMessageQueue<Order>;
    }
}

mod not_clone {
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

mod no_object_unit_variants {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[serde(tag = "status")]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    enum Order {
        Open,
        Closed,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }

    message_channel! {
        type OrderQueue = StateCarryingMessageQueue<Pokemon, Order>;
    }
}

mod no_object_tuple_struct_one_store {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order(u32, String);

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }

    message_channel! {
        type OrderQueue = NotificationMessageQueue<Order>;
    }
}

fn main() {}
