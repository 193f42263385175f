include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn event_type_of_store_not_carried(listener: InMemoryMessageBusAdapter<AppBus>) {
    let filter = Filter::store::<Battle>().event_type(BattleEventType::Started);
    listener.on(filter, |_, _| async { Ok(()) });
}

fn main() {}
