#![allow(unused)]

include!("../../game/stores.rs");

mod serde_without_derive {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    #[serde(rename_all = "camelCase")]
    struct Order {
        edition: u64,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

mod field_serialized_as_version_by_cfg_attr {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    #[event_store(id = "ORDERS", event = TrainerEvent)]
    struct Order {
        #[cfg_attr(all(), serde(rename = "edition_number"))]
        edition: u64,
    }

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Err(ReduceError::new(event, "not yet"))
        }
    }
}

fn main() {}
