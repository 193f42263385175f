//! Throughput beside the raw drivers, in one run: `cargo bench -p bench-throughput`, or with `-- sqlite` for the cases with
//! that word.
//!
//! Each case runs ours and its floor by turns and prints the medians and their ratio: machines are noisy, ratios less.

mod domain;
mod load;
mod measure;
mod memory;
mod messaging;
#[cfg(feature = "postgres")]
mod postgres;
mod snapshots;
mod sqlite;

use measure::Report;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo passes `--bench`; what else there is names the cases wanted.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mut report = Report::new(wanted);
    memory::run(&mut report)?;
    messaging::run(&mut report)?;
    load::run(&mut report)?;
    snapshots::run(&mut report)?;
    sqlite::run(&mut report)?;
    #[cfg(feature = "postgres")]
    postgres::run(&mut report)?;
    report.print();
    Ok(())
}
