#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

mod answer_of_another_store {
    use super::*;

    async fn answer_of_another_store(
        pokemons: EventStore<Pokemon>,
        trainers: EventStore<Trainer>,
        a: NewEvent<Pokemon>,
        b: NewEvent<Trainer>,
    ) {
        let group = (pokemons.group_event(a), trainers.group_event(b));
        let (pokemon, _) = push_event_group(group).await.unwrap();
        let _ = pokemon.next_aggregate.unwrap().level;
    }
}

mod answer_of_a_third_element {
    use super::*;

    async fn answer_of_a_third_element(
        pokemons: EventStore<Pokemon>,
        trainers: EventStore<Trainer>,
        a: NewEvent<Pokemon>,
        b: NewEvent<Trainer>,
    ) {
        let group = (pokemons.group_event(a), trainers.group_event(b));
        let (_, _) = push_event_group(group).await.unwrap();
    }
}

fn main() {}
