use std::time::{Duration, Instant};

/// The number of runs of each side of a case, which are the library and the baseline. The number is odd, so that the
/// median is one of the runs.
const ROUNDS: usize = 7;

/// Collects the results, and prints them as a table.
pub(crate) struct Report {
    wanted: Vec<String>,
    rows: Vec<String>,
}

/// A side of a case: executes operations, and returns their number and duration.
pub(crate) type Side<'a> = &'a mut dyn FnMut() -> Result<(u64, Duration), Box<dyn std::error::Error>>;

impl Report {
    pub(crate) fn new(wanted: Vec<String>) -> Self {
        Self { wanted, rows: Vec::new() }
    }

    /// Measures a case, unless other cases are selected. `floor` names the baseline, and `target` the intended ratio.
    pub(crate) fn case(
        &mut self,
        name: &str,
        target: &str,
        ours: Side<'_>,
        floor_name: &str,
        floor: Side<'_>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            return Ok(());
        }
        let (mut ours_rates, mut floor_rates) = (Vec::new(), Vec::new());
        // The first round is a warm-up, which does not count.
        for round in 0..=ROUNDS {
            let (ours_rate, floor_rate) = (rate(ours()?), rate(floor()?));
            if round > 0 {
                ours_rates.push(ours_rate);
                floor_rates.push(floor_rate);
            }
        }
        let (ours, floor) = (median(ours_rates), median(floor_rates));
        let row = format!(
            "| {name:<44} | {:>12} | {floor_name:<44} | {:>12} | {:>6.2} | {target:<28} |",
            per_second(ours),
            per_second(floor),
            ours / floor
        );
        println!("{row}");
        self.rows.push(row);
        Ok(())
    }

    pub(crate) fn print(&self) {
        println!();
        println!(
            "| {:<44} | {:>12} | {:<44} | {:>12} | {:>6} | {:<28} |",
            "case", "ours", "beside", "beside", "ratio", "target"
        );
        println!("|{:-<46}|{:-<14}|{:-<46}|{:-<14}|{:-<8}|{:-<30}|", "", "", "", "", "", "");
        for row in &self.rows {
            println!("{row}");
        }
    }
}

fn rate((operations, took): (u64, Duration)) -> f64 {
    operations as f64 / took.as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn per_second(rate: f64) -> String {
    if rate >= 1e6 {
        format!("{:.2} M/s", rate / 1e6)
    } else if rate >= 1e3 {
        format!("{:.1} k/s", rate / 1e3)
    } else {
        format!("{rate:.0} /s")
    }
}

/// Measures the time of `operations` operations.
pub(crate) fn timed<T>(operations: u64, run: impl FnOnce() -> T) -> (u64, Duration) {
    let start = Instant::now();
    let value = run();
    let took = start.elapsed();
    drop(std::hint::black_box(value));
    (operations, took)
}
