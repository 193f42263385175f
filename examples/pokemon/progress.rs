//! A progress line on the terminal.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// The interval between updates.
const INTERVAL: Duration = Duration::from_millis(100);

/// A progress line on standard error. Prints nothing if standard error is not a terminal.
#[derive(Debug)]
pub struct Progress {
    shown: Option<Shown>,
}

#[derive(Debug)]
struct Shown {
    start: Instant,
    last: Option<Instant>,
    /// The total number of bytes, if known.
    total: Option<u64>,
}

impl Progress {
    pub fn new(total: Option<u64>) -> Self {
        let terminal = io::stderr().is_terminal();
        Self { shown: terminal.then(|| Shown { start: Instant::now(), last: None, total }) }
    }

    pub fn update(&mut self, lines: u64, bytes: u64) {
        let Some(shown) = &mut self.shown else { return };
        if shown.last.is_some_and(|last| last.elapsed() < INTERVAL) {
            return;
        }
        shown.last = Some(Instant::now());
        let rate = lines as f64 / shown.start.elapsed().as_secs_f64().max(0.001);
        let percent = shown.total.filter(|total| *total > 0).map(|total| 100 * bytes.min(total) / total);
        let percent = percent.map_or_else(String::new, |percent| format!("{percent:>3} %, "));
        write(&format!("\r\x1b[K{percent}{lines} lines, {rate:.0} lines/s"));
    }

    /// Removes the progress line, so that other output can be printed.
    pub fn clear(&mut self) {
        if let Some(Shown { last: last @ Some(_), .. }) = &mut self.shown {
            *last = None;
            write("\r\x1b[K");
        }
    }
}

/// Writes to standard error. Errors are ignored, so that the import continues if the terminal is closed.
fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
