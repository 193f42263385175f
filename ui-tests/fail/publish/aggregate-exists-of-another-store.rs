include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn aggregate_exists_of_another_store(channel: CensusBus, message: AggregateExistsMessage<Battle>) {
    let _ = channel.publish_message(message);
}

fn main() {}
