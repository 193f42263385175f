#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/ordered.rs");
use castore::nats::{NatsListener, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsWorker, async_nats::Client};

fn nats_listener_of_store_not_carried_one_store(bus: NatsMessageBusAdapter<PokemonBus>) {
    let _ = NatsListener::builder(&bus, "mails", Filter::store::<Trainer>(), |_, _| async { Ok(()) });
}

fn main() {}
