//! Throughput compared with the raw drivers, in one run: `cargo bench -p bench-throughput`. With `-- sqlite`, only the
//! cases whose names contain that word.
//!
//! Each case runs the library and its baseline alternately, and prints the medians and their ratio. Ratios vary less
//! than absolute figures on a busy machine.

mod counting;
mod domain;
mod load;
mod measure;
mod memory;
mod messaging;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlx")]
mod postgres_sqlx;
mod snapshots;
mod sqlite;

use measure::Report;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo passes `--bench`; the other arguments select the cases.
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
