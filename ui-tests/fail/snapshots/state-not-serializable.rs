include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/snapshots.rs");

fn state_not_serializable(shops: EventStore<Shop>) {
    shops.with_snapshots(Snapshots::new(Shelf));
}

fn main() {}
