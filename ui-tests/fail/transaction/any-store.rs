include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn any_store<K: 'static>(
    pokemons: AnyEventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    transaction: &mut impl castore::storage::PushTransaction<K>,
) {
    let _ = pokemons.push_event(event).within(transaction).await;
}

fn main() {}
