include!("../../game/stores.rs");
include!("../../game/channels.rs");
include!("../../game/snapshots.rs");

fn state_not_serializable_every(shops: EventStore<Shop>) {
    shops.with_snapshots(Snapshots::<Shop>::new(Shelf).every(10));
}

fn main() {}
