include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn listeners_store_not_carried_one_store() {
    let _ = Listeners::<PokemonBus>::new().on(Filter::store::<Trainer>(), |_, _| async { Ok(()) });
}

fn main() {}
