use std::fmt::Write as _;

use super::changes::{Change, Class};

/// Returns a text for the user that lists the changes by class, with the recommended actions.
pub fn report(file: &str, changes: &[Change]) -> String {
    let mut text = format!("the program has changed since `{file}` was written:\n");
    let mut class = None;
    for change in changes {
        if class != Some(change.class) {
            class = Some(change.class);
            let _ = write!(text, "\n{}:\n", change.class.heading());
        }
        let _ = writeln!(text, "  {}", change.fact);
        if !change.remedy.is_empty() {
            let _ = writeln!(text, "      {}", change.remedy);
        }
    }
    let gravest = changes.iter().map(|change| change.class).max();
    text.push_str(match gravest {
        Some(Class::NeedsUpcaster | Class::Breaking) => {
            "\nfix this as described, or, if nothing is stored or sent yet, overwrite the file: CASTORE_LOCK=force cargo test"
        }
        _ => "\naccept this by updating the file: CASTORE_LOCK=update cargo test",
    });
    text
}

/// Returns the facts with types whose content the lock cannot compare.
pub(super) fn opaque_types(now: &str) -> Vec<&str> {
    now.lines().filter(|line| line.contains(" (opaque)")).collect()
}
