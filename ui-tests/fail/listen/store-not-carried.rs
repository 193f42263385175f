include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried(listener: InMemoryMessageBusAdapter<AppBus>) {
    listener.on(Filter::store::<Battle>(), |message, _| async move {
        let _ = message.event.version;
        Ok(())
    });
}

fn main() {}
