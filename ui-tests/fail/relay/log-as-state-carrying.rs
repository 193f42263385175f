include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn log_as_state_carrying() {
    let _ = castore::log::LogFilter::of::<BackupQueueMessage>();
}

fn main() {}
