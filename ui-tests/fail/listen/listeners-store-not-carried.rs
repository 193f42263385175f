include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn listeners_store_not_carried() {
    let _ = Listeners::<AppBus>::new().on(Filter::store::<Battle>(), |_, _| async { Ok(()) });
}

fn main() {}
