include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn inline_queue_on_bus() {
    let _ = InlineMessageQueueAdapter::<AppBus>::new(|_, _| async { Ok(()) });
}

fn main() {}
