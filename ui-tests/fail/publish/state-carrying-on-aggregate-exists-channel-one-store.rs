include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn state_carrying_on_aggregate_exists_channel_one_store(
    channel: PokemonCensusBus,
    message: StateCarryingMessage<Pokemon>,
) {
    let _ = channel.publish_message(message);
}

fn main() {}
