#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "")]
async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
