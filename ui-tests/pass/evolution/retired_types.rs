#![allow(unused)]

include!("../../game/stores.rs");

mod no_conversion {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED" = PlacedV1))]
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV1> for OrderEvent {
        fn from(old: PlacedV1) -> Self {
            Self::Placed { product: old.product }
        }
    }
}

mod no_conversion_to_the_payload {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Placed {
        product: String,
    }

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED" = PlacedV1))]
        Placed(Placed),
        Paid,
    }

    impl From<PlacedV1> for Placed {
        fn from(old: PlacedV1) -> Self {
            Self { product: old.product }
        }
    }
}

mod no_conversion_to_the_enum {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    #[event(from("PLACED" = PlacedV1))]
    enum OrderEvent {
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV1> for OrderEvent {
        fn from(old: PlacedV1) -> Self {
            Self::Placed { product: old.product }
        }
    }
}

mod gap_in_a_chain {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Deserialize)]
    struct PlacedV2 {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED" = PlacedV1 => PlacedV2))]
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV2> for OrderEvent {
        fn from(old: PlacedV2) -> Self {
            Self::Placed { product: old.product }
        }
    }

    impl From<PlacedV1> for PlacedV2 {
        fn from(old: PlacedV1) -> Self {
            Self { product: old.product }
        }
    }
}

mod own_type {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "PLACED_V2", from("PLACED"))]
        Placed { product: String },
        Paid,
    }
}

mod type_of_another_variant {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PAID"))]
        Placed { product: String },
        Paid,
    }
}

mod retired_twice {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("BOUGHT"))]
        Placed { product: String },
        #[event(from("SETTLED"))]
        Paid,
    }
}

mod payload_not_deserializable {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED" = PlacedV1))]
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV1> for OrderEvent {
        fn from(old: PlacedV1) -> Self {
            Self::Placed { product: old.product }
        }
    }
}

mod missing_default_function {
    use super::*;

    fn default_quantity() -> u32 {
        1
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed {
            product: String,
            #[serde(default = "default_quantity")]
            quantity: u32,
        },
    }
}

mod misspelled_payload {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED" = PlacedV1))]
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV1> for OrderEvent {
        fn from(old: PlacedV1) -> Self {
            Self::Placed { product: old.product }
        }
    }
}

mod misspelled_from {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED" = PlacedV1))]
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV1> for OrderEvent {
        fn from(old: PlacedV1) -> Self {
            Self::Placed { product: old.product }
        }
    }
}

mod from_with_equals_sign {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED"))]
        Placed { product: String },
        Paid,
    }
}

mod from_without_name {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED" = PlacedV1))]
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV1> for OrderEvent {
        fn from(old: PlacedV1) -> Self {
            Self::Placed { product: old.product }
        }
    }
}

mod from_without_list {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED"))]
        Placed { product: String },
        Paid,
    }
}

mod from_with_arrow_only {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED" = PlacedV1))]
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV1> for OrderEvent {
        fn from(old: PlacedV1) -> Self {
            Self::Placed { product: old.product }
        }
    }
}

mod empty_name {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(from("PLACED"))]
        Placed { product: String },
        Paid,
    }
}

mod name_without_payload_on_the_enum {
    use super::*;

    #[derive(Deserialize)]
    struct PlacedV1 {
        product: String,
    }

    #[derive(Clone, Event)]
    #[event(from("PLACED" = PlacedV1))]
    enum OrderEvent {
        Placed { product: String },
        Paid,
    }

    impl From<PlacedV1> for OrderEvent {
        fn from(old: PlacedV1) -> Self {
            Self::Placed { product: old.product }
        }
    }
}

fn main() {}
