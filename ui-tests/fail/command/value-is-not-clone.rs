#![allow(unused)]

include!("../../game/stores.rs");

struct Ball;

#[command(id = "CATCH")]
async fn catch(ball: Ball, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
