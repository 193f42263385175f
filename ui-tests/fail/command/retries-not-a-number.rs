#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH", retries = "3")]
async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
