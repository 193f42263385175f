#![allow(unused)]

include!("../../game/stores.rs");

mod misspelled_serde_option_by_cfg_attr {
    use super::*;

    #[derive(Clone, Event)]
    #[cfg_attr(all(), serde(rename_all_fields = "camelCase"))]
    enum OrderEvent {
        Placed { unit_price: u32 },
    }
}

mod rename_all_by_serde {
    use super::*;

    #[derive(Clone, Event, Serialize)]
    #[event(own_serde = true)]
    #[serde(rename_all = "camelCase")]
    enum OrderEvent {
        Placed { unit_price: u32 },
    }
}

fn main() {}
