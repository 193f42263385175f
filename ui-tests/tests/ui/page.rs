//! The pages "Mistakes that do not compile" in `docs/mistakes`, which are generated from the cases.
//!
//! Run the tests with `BLESS=1` to write them.

use crate::cases::{Case, cases};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// The titles of the topics.
const TITLES: &[(&str, &str)] = &[
    ("adapter", "Adapters of message channels"),
    ("broker", "Brokers"),
    ("channel", "Declaring message channels"),
    ("command", "Commands"),
    ("connect", "Connecting event stores"),
    ("event", "Declaring events"),
    ("event-store", "Declaring event stores"),
    ("event-subset", "Subsets of events"),
    ("evolution", "Retired and unknown events"),
    ("group", "Groups of events"),
    ("ids", "Aggregate ids"),
    ("listen", "Listeners and workers"),
    ("metadata", "Required metadata"),
    ("order", "Order of messages"),
    ("publish", "Publishing messages"),
    ("push", "Pushing events"),
    ("relay", "Relays"),
    ("replay", "Replays"),
    ("shape", "Shapes of types"),
    ("snapshots", "Snapshots"),
    ("state", "States"),
    ("transaction", "Transactions"),
    ("unused", "Results that are not used"),
    ("wiring", "Wiring a program"),
];

#[test]
fn the_pages_are_current() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/mistakes"));
    let pages = pages();
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(&folder).expect("the folder of the pages");
        for (name, page) in &pages {
            fs::write(folder.join(name), page).expect("a page is written");
        }
    }
    for (name, page) in &pages {
        let written = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(written == *page, "docs/mistakes/{name} is not current: run this test with `BLESS=1`");
    }
    for entry in fs::read_dir(&folder).expect("the folder of the pages").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(pages.contains_key(&name), "docs/mistakes/{name} belongs to no topic: remove it");
    }
}

fn pages() -> BTreeMap<String, String> {
    let mut topics: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    let cases = cases();
    // A case about a channel with one store is omitted if the same case exists for two stores: the error is the same.
    let names: BTreeSet<String> = cases.iter().map(|case| case.name.clone()).collect();
    let is_repeated = |name: &str| name.strip_suffix("-one-store").is_some_and(|name| names.contains(name));
    for case in cases.into_iter().filter(|case| !is_repeated(&case.name)) {
        let topic = case.name.split('/').next().unwrap_or_default().to_owned();
        topics.entry(topic).or_default().push(case);
    }
    let mut pages = BTreeMap::new();
    let mut index = String::from(
        "# Mistakes that do not compile\n\nEach page shows the mistakes of one topic that the compiler reports, with the \
         code and the error. The pages\nare generated from the tests in `ui-tests`. They omit imports, and notes about the library's own code.\n\n| topic | mistakes |\n|---|---|\n",
    );
    for (topic, cases) in &topics {
        let title = title(topic);
        index.push_str(&format!("| [{title}]({topic}.md) | {} |\n", cases.len()));
        let mut page = format!("# {title}\n\nGenerated from `ui-tests/fail/{topic}`.\n");
        for case in cases {
            page.push_str(&section(case));
        }
        pages.insert(format!("{topic}.md"), page);
    }
    pages.insert("README.md".to_owned(), index);
    pages
}

fn title(topic: &str) -> &'static str {
    let title = TITLES.iter().find(|(name, _)| *name == topic);
    title.map(|(_, title)| *title).unwrap_or_else(|| panic!("topic {topic} has no title"))
}

fn section(case: &Case) -> String {
    let mistake = case.name.split('/').nth(1).unwrap_or_default().replace('-', " ");
    let shared = ["include!", "fn main() {}"];
    let code = case.source.lines().filter(|line| !shared.iter().any(|start| line.starts_with(start)));
    let code = code.collect::<Vec<_>>().join("\n");
    // Later errors about the same mistake add nothing.
    let shown = if case.name.ends_with("several-mistakes") { usize::MAX } else { 1 };
    let errors: Vec<String> = case.errors().into_iter().take(shown).map(essential).collect();
    let text = errors.join("\n\n");
    format!("\n## {mistake}\n\n```rust\n{}\n```\n\n```text\n{text}\n```\n", code.trim())
}

/// The beginnings of notes about the library's own code, and of suggestions that the compiler derives from it.
const NOTES_ABOUT_THE_LIBRARY: [&str; 10] = [
    "note: required",
    "note: this error originates",
    "= note: required",
    "= note: this error originates",
    "= help: the trait `",
    "= help: the following other types implement",
    "= help: the following types implement",
    "help: the following other types implement",
    "help: the trait `",
    "help: consider wrapping",
];

/// Returns an error without the notes about the library's own code.
fn essential(error: &str) -> String {
    let mut is_omitted = false;
    let mut lines = Vec::new();
    for line in error.trim_end().lines() {
        let part = line.trim_start();
        let starts_part = part.starts_with("= ") || line.starts_with(|first: char| first.is_alphabetic());
        if starts_part {
            is_omitted = NOTES_ABOUT_THE_LIBRARY.iter().any(|note| part.starts_with(note));
        }
        if !is_omitted {
            lines.push(line);
        }
    }
    while lines.last().is_some_and(|line| line.trim() == "|") {
        lines.pop();
    }
    lines.join("\n")
}
