include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn get_aggregate_of_another_store_one_store(channel: PokemonBackupQueue, event: EventDetail<Trainer>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn main() {}
