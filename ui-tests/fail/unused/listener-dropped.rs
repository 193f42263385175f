#![allow(unused)]
#![deny(unused_must_use)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn listener_dropped(listeners: castore::consumer::Listeners<AppBus>) {
    listeners.on(Filter::store::<Pokemon>(), |_, _| async { Ok(()) });
}

fn main() {}
