include!("../../game/stores.rs");
include!("../../game/audited.rs");

fn returned_as_event_without() -> NewEvent<Order> {
    NewEvent::new("o-1", 1, OrderEvent::Placed).metadata(Audit::by("ada"))
}

fn main() {}
