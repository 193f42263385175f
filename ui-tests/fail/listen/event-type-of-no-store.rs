include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_type_of_no_store() {
    let _ = Filter::all().event_type(PokemonEventType::Appeared);
}

fn main() {}
