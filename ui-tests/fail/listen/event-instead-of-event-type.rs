include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_instead_of_event_type() {
    let _ = Filter::store::<Pokemon>().event_type(PokemonEvent::LeveledUp);
}

fn main() {}
