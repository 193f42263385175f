#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Option<()> {
    None
}

fn main() {}
