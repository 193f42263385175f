#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
struct Catch;

fn main() {}
