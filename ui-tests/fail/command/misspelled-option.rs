#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH", retry = 3)]
async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
