//! Throughput of publishing and consuming over brokers, compared with the raw client in the same run:
//!
//! ```text
//! scripts/services start /tmp/castore && . /tmp/castore/env
//! cargo bench -p bench-brokers            # or: -- nats
//! scripts/services stop /tmp/castore
//! ```
//!
//! The emulator of AWS processes one request at a time: its figures only compare the library with the raw client, and
//! do not show the performance of AWS.

mod event_bridge;
#[path = "../throughput/measure.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod measure;
mod messages;
mod nats;
mod sqs;

use measure::Report;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo passes `--bench`; the other arguments select the cases.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut report = Report::new(wanted);
    nats::run(&mut report)?;
    sqs::run(&mut report)?;
    event_bridge::run(&mut report)?;
    report.print();
    Ok(())
}
