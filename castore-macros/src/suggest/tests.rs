use super::{distance, list, nearest, remedy};

#[test]
fn distance_counts_insertions_deletions_replacements_and_exchanges() {
    for (a, b, expected) in [
        ("", "", 0),
        ("event", "event", 0),
        ("evnt", "event", 1),
        ("idd", "id", 1),
        ("kitten", "sitting", 3),
        ("alais", "alias", 1),
    ] {
        assert_eq!(distance(a, b), expected, "{a} → {b}");
        assert_eq!(distance(b, a), expected, "{b} → {a}");
    }
}

#[test]
fn nearest_finds_typos_other_casings_and_beginnings() {
    let options = ["id", "event", "metadata", "aggregate_id"];
    assert_eq!(nearest("evnt", options), Some("event"));
    assert_eq!(nearest("idd", options), Some("id"));
    assert_eq!(nearest("AggregateId", options), Some("aggregate_id"));
    assert_eq!(nearest("meta", options), Some("metadata"));
    assert_eq!(nearest("name", options), None);
}

#[test]
fn nearest_prefers_the_closest() {
    assert_eq!(nearest("snake_cas", ["camelCase", "snake_case", "kebab-case"]), Some("snake_case"));
}

#[test]
fn lists_read_like_prose() {
    assert_eq!(list(["id"]), "`id`");
    assert_eq!(list(["id", "event"]), "`id` and `event`");
    assert_eq!(list(["id", "event", "crate"]), "`id`, `event` and `crate`");
}

#[test]
fn remedies_name_the_nearest_or_all() {
    assert_eq!(remedy("evnt", &["id", "event"], "options"), "did you mean `event`?");
    assert_eq!(remedy("name", &["id", "event"], "options"), "the options are `id` and `event`");
    assert_eq!(remedy("rename", &["type"], "options"), "the only option is `type`");
}
