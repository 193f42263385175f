#![allow(unused)]

include!("../../game/stores.rs");

mod two_variants_of_one_type {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "PLACED")]
        Placed,
        #[event(type = "PAID")]
        Paid,
    }
}

mod type_of_another_variant {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed,
        Paid,
    }
}

mod reserved_type_replayed {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "PLACED")]
        Placed,
    }
}

mod reserved_type_aggregate_exists {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "PLACED")]
        Placed,
    }
}

mod empty_type {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "PLACED")]
        Placed,
    }
}

mod misspelled_rename_all {
    use super::*;

    #[derive(Clone, Event)]
    #[event(rename_all = "SCREAMING_SNAKE_CASE")]
    enum OrderEvent {
        Placed,
    }
}

mod unknown_rename_all {
    use super::*;

    #[derive(Clone, Event)]
    #[event(rename_all = "SCREAMING_SNAKE_CASE")]
    enum OrderEvent {
        Placed,
    }
}

mod misspelled_option {
    use super::*;

    #[derive(Clone, Event)]
    #[event(rename_all = "SCREAMING_SNAKE_CASE")]
    enum OrderEvent {
        Placed,
    }
}

mod unknown_option_of_a_variant {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "PLACED")]
        Placed,
    }
}

mod option_of_the_enum_on_a_variant {
    use super::*;

    #[derive(Clone, Event)]
    #[event(rename_all = "camelCase")]
    enum OrderEvent {
        Placed,
    }
}

mod option_on_a_field {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed {
            #[serde(rename = "cost")]
            price: u32,
        },
    }
}

mod rename_by_serde {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "PLACED")]
        Placed,
    }
}

mod line_break_in_type {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "ORDER PLACED")]
        Placed,
    }
}

fn main() {}
