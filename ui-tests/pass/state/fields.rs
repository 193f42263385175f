#![allow(unused)]

include!("../../game/stores.rs");

mod field_version {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order {
        price: u32,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod field_aggregate_id {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order {
        price: u32,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod field_aggregate_id_renamed_by_container {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order {
        price: u32,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod field_serialized_as_version {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order {
        edition: u64,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod field_serialized_as_aggregate_id {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order {
        id: String,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod tag_version {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[serde(tag = "edition")]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order {
        price: u32,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod variant_version {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    enum Order {
        Placed { price: u32 },
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod content_version {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[serde(tag = "kind", content = "content")]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    enum Order {
        Placed { price: u32 },
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

fn main() {}
