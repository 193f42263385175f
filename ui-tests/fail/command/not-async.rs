#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
