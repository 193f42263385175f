#![allow(unused)]

include!("../../game/stores.rs");

mod several_unnamed_fields {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { price: u32, product: String },
    }
}

mod empty_parentheses {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed,
    }
}

mod payload_not_serializable {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Product;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed(Product),
    }
}

mod field_not_serializable {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Product;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: Product },
    }
}

fn main() {}
