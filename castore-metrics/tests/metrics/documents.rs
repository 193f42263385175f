//! Tests that the table of the guide and the dashboard contain exactly the existing instruments.

use std::collections::BTreeSet;
use std::path::Path;

use castore::metrics::{Instrument, InstrumentKind, instruments};
use serde_json::Value;

/// Returns the text of a file of the repository.
fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the row of an instrument in the table of the guide.
fn row(instrument: &Instrument) -> String {
    let attributes: Vec<_> = instrument.attributes().iter().map(|name| format!("`{name}`")).collect();
    format!(
        "| `{}` | {}, `{}` | {} | {} |",
        instrument.name(),
        instrument.kind(),
        instrument.unit(),
        attributes.join(", "),
        instrument.description()
    )
}

#[test]
fn guide_lists_every_instrument() {
    let guide = read("castore/src/guide/metrics.md");
    let listed: Vec<_> =
        guide.lines().filter(|line| line.starts_with("| `castore.") || line.starts_with("| `messaging.")).collect();
    let expected: Vec<_> = instruments::ALL.iter().map(|instrument| row(instrument)).collect();
    assert_eq!(listed, expected, "write these rows into the guide:\n{}\n", expected.join("\n"));
}

/// Returns the expressions of the alerts in the guide.
fn alerts() -> Vec<String> {
    let guide = read("castore/src/guide/metrics.md");
    let cells = guide.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split('`').next());
    cells.filter(|cell| cell.contains("castore_")).map(str::to_owned).collect()
}

#[test]
fn alerts_use_only_series_and_labels_that_exist() {
    let alerts = alerts();
    assert!(!alerts.is_empty());
    for operand in alerts.iter().flat_map(|alert| alert.split(" / ")) {
        check(operand);
    }
}

/// Returns the expressions of all panels of the dashboard.
fn expressions() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&read("docs/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
}

/// Returns the names of castore's series and labels in an expression.
fn words(expression: &str) -> BTreeSet<&str> {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let words = expression.split(|character| !is_word(character));
    words
        .filter(|word| word.starts_with("castore_") || word.starts_with("messaging_") || *word == "error_type")
        .collect()
}

/// Returns the names of the series of an instrument.
fn series(instrument: &Instrument) -> Vec<String> {
    let name = instrument.prometheus_name();
    match instrument.kind() {
        InstrumentKind::Histogram => ["bucket", "sum", "count"].map(|suffix| format!("{name}_{suffix}")).into(),
        _ => vec![name],
    }
}

#[test]
fn dashboard_uses_only_series_and_labels_that_exist() {
    let expressions = expressions();
    assert!(!expressions.is_empty());
    for expression in &expressions {
        check(expression);
    }
}

/// Checks that an expression uses the series of one instrument, and only labels that this instrument has.
fn check(expression: &str) {
    let words = words(expression);
    let uses = |instrument: &&&Instrument| series(instrument).iter().any(|series| words.contains(series.as_str()));
    let used: Vec<_> = instruments::ALL.iter().filter(uses).collect();
    assert_eq!(used.len(), 1, "{expression} uses {used:?}");
    let mut known: BTreeSet<String> = series(used[0]).into_iter().collect();
    known.extend(used[0].attributes().iter().map(|name| name.replace('.', "_")));
    let unknown: Vec<_> = words.iter().filter(|word| !known.contains(**word)).collect();
    assert!(unknown.is_empty(), "{expression} uses {unknown:?}");
}

#[test]
fn dashboard_shows_every_instrument() {
    let expressions = expressions();
    let shown: BTreeSet<&str> = expressions.iter().flat_map(|expression| words(expression)).collect();
    let missing: Vec<_> = instruments::ALL
        .iter()
        .filter(|instrument| !series(instrument).iter().any(|series| shown.contains(series.as_str())))
        .map(|instrument| instrument.prometheus_name())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
