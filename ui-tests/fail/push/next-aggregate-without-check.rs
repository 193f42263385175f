include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn next_aggregate_without_check(pushed: PushedEvent<Pokemon>) {
    let _ = pushed.next_aggregate.level;
}

fn main() {}
