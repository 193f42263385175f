#![allow(unused)]

include!("../../game/stores.rs");

mod generic {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order(u32);

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod lifetime {
    use super::*;

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order(String);

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod on_function {
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

mod on_trait {
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

mod on_module {
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

mod on_type_alias {
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

mod on_union {
    use super::*;

    #[derive(Clone, Copy)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order {
        number: u32,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod on_impl {
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
