include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_on_state_carrying_channel_one_store(
    channel: PokemonBackupQueue,
    message: AggregateExistsMessage<Pokemon>,
) {
    let _ = channel.publish_message(message);
}

fn main() {}
