#![allow(unused)]

include!("../../game/stores.rs");

async fn log(error: &str, attempt: u32, retries_left: u32) {}

#[command(id = "CATCH", on_event_already_exists = log)]
async fn catch(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    Ok(())
}

fn main() {}
