include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn get_aggregate_on_aggregate_exists_channel_one_store(channel: PokemonCensusBus, event: EventDetail<Pokemon>) {
    let _ = channel.get_aggregate_and_publish_message(event);
}

fn main() {}
