#![allow(unused)]

include!("../../game/stores.rs");
use castore::event::Retired;

mod pushed {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Placed {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed(Placed),
    }

    fn placed() -> OrderEvent {
        OrderEvent::Placed(Placed { product: "lamp".to_owned() })
    }
}

mod constructed {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Placed {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed(Retired<Placed>),
    }

    fn placed() -> OrderEvent {
        OrderEvent::Placed(castore::testing::retired(Placed { product: "lamp".to_owned() }))
    }
}

mod payload_not_serializable {
    use super::*;

    #[derive(Clone, Serialize, Deserialize)]
    struct Placed {
        product: String,
    }

    #[derive(Clone, Event)]
    enum OrderEvent {
        Placed(Retired<Placed>),
    }
}

fn main() {}
