include!("../../game/stores.rs");

#[derive(Shape)]
union Bits {
    low: u8,
}

fn main() {}
