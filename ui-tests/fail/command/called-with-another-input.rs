#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
async fn catch(id: &str, pokemons: &impl Store<Pokemon>, now: &Timestamp) -> Result<(), PushEventError> {
    Ok(())
}

async fn called_with_another_input(pokemons: EventStore<Pokemon>, now: Timestamp) {
    let _ = catch(25, &pokemons, &now).await;
}

fn main() {}
