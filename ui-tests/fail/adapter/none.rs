include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn none(app_bus: AppBus) {
    app_bus.set_adapter(None);
}

fn main() {}
