include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_of_another_store_one_store(channel: PokemonCensusBus, message: AggregateExistsMessage<Trainer>) {
    let _ = channel.publish_message(message);
}

fn main() {}
