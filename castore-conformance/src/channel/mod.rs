//! The behaviors of message channel adapters, by topic. Each function tests one behavior and panics if the adapter
//! does not have it.
//!
//! [`queue_conformance!`](crate::queue_conformance) and [`bus_conformance!`](crate::bus_conformance) generate a test
//! for each behavior and each kind of message, on channels of the kit. Most behaviors apply to both queues and buses
//! ([`Subject`]). The behaviors in [`bus`] apply only to buses, and the behaviors in [`order`] only to ordered
//! channels.

mod capabilities;
mod factory;
mod log;
mod subject;

pub mod bus;
pub mod channels;
pub mod connected;
pub mod context;
pub mod dead_letters;
pub mod delivery;
pub mod durable;
pub mod order;
pub mod replay;
pub mod retries;
pub mod shutdown;
pub mod undecodable;
pub mod unwritable;
pub mod volume;

pub use capabilities::ChannelCapabilities;
pub use channels::{KitBus, KitChannel, KitKind, KitQueue};
pub use factory::{BusConsumer, BusFactory, Dead, DeadLetterHook, Handler, QueueConsumer, QueueFactory};
pub use subject::{AsBus, AsQueue, Consumer, Subject};

#[cfg(test)]
mod tests {
    /// A behavior that is not in the list of the macro would never run.
    #[test]
    fn every_behavior_is_listed() {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let list = std::fs::read_to_string(format!("{source}/macros/channel.rs")).unwrap();
        let (mut written, mut missing) = (0, Vec::new());
        for file in std::fs::read_dir(format!("{source}/channel")).unwrap() {
            let path = file.unwrap().path();
            let topic = path.file_stem().unwrap().to_str().unwrap().to_owned();
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                if let Some((name, _)) = line.strip_prefix("pub async fn ").and_then(|rest| rest.split_once('<')) {
                    written += 1;
                    let listed = format!("{topic}::{name}");
                    if !list.lines().any(|line| line.trim() == listed) {
                        missing.push(listed);
                    }
                }
            }
        }
        assert_eq!(missing, [] as [String; 0]);
        // If no behaviors are found, their signatures have changed.
        assert!(written > 30, "only {written} behaviors found");
    }
}
