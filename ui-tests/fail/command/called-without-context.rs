#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
async fn catch(id: &str, pokemons: &impl Store<Pokemon>, now: &Timestamp) -> Result<(), PushEventError> {
    Ok(())
}

async fn called_without_context(pokemons: EventStore<Pokemon>, now: Timestamp) {
    let _ = catch("pikachu1", &pokemons).await;
}

fn main() {}
