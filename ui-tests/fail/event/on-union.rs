include!("../../game/stores.rs");

#[derive(Clone, Copy, Event)]
union OrderEvent {
    price: u32,
}

fn main() {}
