include!("../../game/stores.rs");

#[command(command_id = "CATCH", required_event_stores = [pokemons])]
async fn catch(pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    let _ = pokemons;
    Ok(())
}

fn main() {}
