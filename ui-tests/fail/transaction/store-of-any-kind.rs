include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn store_of_any_kind<K: 'static>(
    pokemons: &impl Store<Pokemon>,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let _ = pokemons.push_event(event).within(transaction).await;
}

fn main() {}
