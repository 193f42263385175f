include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn previous_aggregate_of_another_store(
    pokemons: EventStore<Pokemon>,
    event: NewEvent<Pokemon>,
    ash: Aggregate<Trainer>,
) {
    let _ = pokemons.push_event(event).prev_aggregate(ash);
}

fn main() {}
