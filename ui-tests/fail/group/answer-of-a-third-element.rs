include!("../../game/stores.rs");
include!("../../game/channels.rs");

async fn answer_of_a_third_element(
    pokemons: EventStore<Pokemon>,
    trainers: EventStore<Trainer>,
    a: NewEvent<Pokemon>,
    b: NewEvent<Trainer>,
) {
    let group = (pokemons.group_event(a), trainers.group_event(b));
    let (_, _, third) = push_event_group(group).await.unwrap();
}

fn main() {}
