#![allow(unused)]

include!("../../game/stores.rs");

mod type_enum_name_taken {
    use super::*;

    #[derive(Clone)]
    struct OrderEventType;

    #[derive(Clone, Event)]
    #[event(type_enum = OrderEventKind)]
    enum OrderEvent {
        Placed,
    }
}

mod nested_payload_not_serializable {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Product;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { products: Vec<Option<Product>> },
    }
}

mod payload_is_dyn {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
    }
}

mod payload_is_not_shared {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
    }
}

mod misspelled_serde_value {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[serde(rename_all = "camelCase")]
        Placed { product_id: u32 },
    }
}
