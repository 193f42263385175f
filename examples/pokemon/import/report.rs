use std::fmt;

use castore::prelude::*;

use super::push::Outcome;

/// The number of lines with each outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub imported: u64,
    /// The number of imported events that follow a missing event. They are also counted in `imported`.
    pub after_gap: u64,
    pub already_there: u64,
    pub unpublished: u64,
    pub bad: u64,
}

impl Report {
    /// Counts the outcomes. Calls `tell` with the line number and the reason for each line that is bad, follows a gap,
    /// or was not published. Returns the first failure of the storage.
    pub fn add(
        &mut self,
        outcomes: Vec<(u64, Outcome)>,
        mut tell: impl FnMut(u64, &str),
    ) -> Option<(u64, PushEventError)> {
        let mut failed = None;
        for (line, outcome) in outcomes {
            match outcome {
                Outcome::Imported => self.imported += 1,
                Outcome::ImportedAfterGap(why) => {
                    self.imported += 1;
                    self.after_gap += 1;
                    tell(line, &printable(&why));
                }
                Outcome::AlreadyThere => self.already_there += 1,
                Outcome::Unpublished(why) => {
                    self.unpublished += 1;
                    tell(line, &printable(&why));
                }
                Outcome::Bad(why) => {
                    self.bad += 1;
                    tell(line, &printable(&why));
                }
                Outcome::Failed(error) => failed = failed.or(Some((line, error))),
            }
        }
        failed
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { imported, after_gap, already_there, unpublished, bad } = self;
        write!(formatter, "{imported} imported")?;
        if *after_gap > 0 {
            write!(formatter, " ({after_gap} after a gap)")?;
        }
        write!(formatter, ", {already_there} already there, {bad} bad")?;
        if *unpublished > 0 {
            write!(formatter, ", {unpublished} stored but not published")?;
        }
        Ok(())
    }
}

/// Removes control characters and limits the length, so that the content of a file cannot control or flood the
/// terminal.
fn printable(text: &str) -> String {
    const LONGEST: usize = 300;
    let mut printable: String = text
        .chars()
        .take(LONGEST)
        .map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        printable.push('…');
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_limits_and_escapes_the_text() {
        assert_eq!(printable("a\x1b[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(printable(&"é".repeat(301)), format!("{}…", "é".repeat(300)));
    }

    #[test]
    fn gaps_and_unpublished_events_are_reported_if_there_are_any() {
        assert_eq!(Report::default().to_string(), "0 imported, 0 already there, 0 bad");
        let report = Report { imported: 3, after_gap: 2, already_there: 2, unpublished: 1, bad: 4 };
        assert_eq!(
            report.to_string(),
            "3 imported (2 after a gap), 2 already there, 4 bad, 1 stored but not published"
        );
    }
}
