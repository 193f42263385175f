#![allow(unused)]

include!("../../game/stores.rs");

#[command(id = "CATCH")]
async fn catch(id: &str, pokemons: &impl Store<Pokemon>, now: &Timestamp) -> Result<(), PushEventError> {
    Ok(())
}

async fn called_with_another_store(trainers: EventStore<Trainer>, now: Timestamp) {
    let _ = catch("pikachu1", &trainers, &now).await;
}

fn main() {}
