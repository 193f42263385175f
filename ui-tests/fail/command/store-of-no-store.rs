#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
async fn catch(id: &str, pokemons: &impl Store<u32>) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
