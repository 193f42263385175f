#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "", retry = 3)]
fn catch(id: &mut str) {}

fn main() {}
