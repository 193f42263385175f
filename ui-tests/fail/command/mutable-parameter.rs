#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
async fn catch(id: &mut str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
