#![allow(unused)]

include!("../../game/stores.rs");

mod on_struct {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { price: u32 },
    }
}

mod on_union {
    use super::*;

    #[derive(Clone, Copy, Event)]
    enum OrderEvent {
        Placed { price: u32 },
    }
}

mod no_variants {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed,
    }
}

mod generic {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed(u32),
    }
}

mod discriminant {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed,
    }
}

mod not_clone {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed,
    }
}

mod several_mistakes {
    use super::*;

    #[derive(Clone, Event)]
    #[event(rename_all = "SCREAMING_SNAKE_CASE")]
    enum OrderEvent {
        Placed {
            price: u32,
            product: String,
        },
        #[event(type = "PAID")]
        Paid,
        #[event(type = "SENT")]
        Sent,
    }
}

mod misspelled_serde_option {
    use super::*;

    #[derive(Clone, Event)]
    #[serde(rename_all_fields = "camelCase")]
    enum OrderEvent {
        Placed { unit_price: u32 },
    }
}

mod unsupported_serde_option {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed {
            #[serde(default)]
            unit_price: u32,
        },
    }
}

mod misspelled_serde_option_of_a_field {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed {
            #[serde(alias = "price")]
            unit_price: u32,
        },
    }
}

fn main() {}
