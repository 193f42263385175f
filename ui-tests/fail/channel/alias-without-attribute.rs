include!("../../game/stores.rs");

type GameBus = NotificationMessageBus<Pokemon, Trainer>;

fn alias_without_attribute(pokemons: EventStore<Pokemon>) {
    let _ = pokemons.connect(GameBus::new());
}

fn main() {}
