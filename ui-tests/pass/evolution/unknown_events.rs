#![allow(unused)]

include!("../../game/stores.rs");
use castore::event::UnknownEvent;

mod two_others {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod other_with_another_payload {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod other_with_fields {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod other_with_type {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod other_with_from {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod other_with_value {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod misspelled_other {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod other_on_the_enum {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod without_other {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }
}

mod reserved_type_other {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        #[event(type = "OTHER")]
        Placed { product: String },
        Paid,
    }
}

mod created {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }

    fn unknown(event: &UnknownEvent) -> OrderEvent {
        OrderEvent::Unknown(event.clone())
    }
}

mod reducer_misses_unknown_events {
    use super::*;

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed { product: String },
        #[event(other)]
        Unknown(UnknownEvent),
    }

    #[derive(Clone)]
    #[event_store(id = "ORDERS", event = OrderEvent)]
    struct Order;

    impl Reducer for Order {
        fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            match &event.payload {
                OrderEvent::Placed { .. } => Ok(Self),
                OrderEvent::Unknown(_) => Ok(Self),
            }
        }
    }
}

fn main() {}
