include!("../../game/stores.rs");

#[derive(Clone, Event)]
enum OrderEvent {}

fn main() {}
