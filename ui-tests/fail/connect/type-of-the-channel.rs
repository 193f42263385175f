include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn type_of_the_channel(pokemons: EventStore<Pokemon>) {
    pokemons.connect(AppBus);
}

fn main() {}
