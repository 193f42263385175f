include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn no_sources_given() {
    let _ = BackupQueue::new();
}

fn main() {}
