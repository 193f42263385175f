//! Tests with data that breaks naive string concatenation, naive keys and careless encodings.
//!
//! If the [`Capabilities`](super::Capabilities) waive such data, the adapter may reject it with
//! [`Unsupported`](castore_core::storage::StorageError::Unsupported) and must then store nothing. The adapter must
//! never change the data silently.

use castore_core::storage::{ListAggregateIdsOptions, RawEvent, StorageError};
use castore_core::time::Timestamp;

use super::StorageFactory;
use super::case::{ALL, ALLOW_GAP, Case, POKEMONS, TRAINERS, at, group};
use super::compare::{json, short};

/// Texts that a storage must not confuse with each other and must return unchanged.
const TEXTS: &[&str] = &[
    "a",
    "A",
    "a ",
    " a",
    "a\t",
    "a\n",
    "á",
    "a\u{301}",
    "ａ",
    "'",
    "''",
    "\"",
    "`",
    "\\",
    "\\'",
    "\\\\",
    "'; DROP TABLE event; --",
    "' OR '1'='1",
    "\") OR 1=1 --",
    "$1",
    "?1",
    ":id",
    "@id",
    "%",
    "_",
    "%%",
    "a%",
    "a_",
    "*",
    "#",
    "a#b",
    "#a",
    "a#",
    "a:b",
    "a/b",
    "../a",
    "a|b",
    "a,b",
    "{}",
    "[1]",
    "null",
    "undefined",
    "NaN",
    "true",
    "0",
    "-1",
    "01",
    "1",
    "1.0",
    "1e3",
    "9223372036854775808",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "ß",
    "ss",
    "İ",
    "i",
    "I",
    "ı",
    "日本語",
    "עברית",
    "🦀",
    "👩‍👩‍👧‍👦",
    "🇩🇪",
    "\u{200b}",
    "\u{feff}",
    "\u{202e}abc",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\r\n",
];

/// Pushes an event that the adapter may reject if `waived` is true. Returns true if the event is stored unchanged, and
/// false if it was rejected as unsupported and is not stored.
async fn keeps(case: &Case, store: &'static str, event: RawEvent, waived: bool) -> bool {
    let what = format!("{} v{} in {}", short(&event.aggregate_id), event.version, short(store));
    let in_group = event.version.is_multiple_of(2);
    // Gaps are allowed, because an earlier event may have been rejected.
    let result = if in_group {
        case.adapter.push_event_group(group(&case.adapter, vec![(store, event.clone())]), ALLOW_GAP).await.map(drop)
    } else {
        case.adapter.push_event(store, event.clone(), ALLOW_GAP).await.map(drop)
    };
    let read = case.adapter.get_events(store, &event.aggregate_id, ALL).await;
    match result {
        Ok(()) => {
            let read = read.unwrap_or_else(|error| panic!("reading {what}, which was stored: {error}"));
            let stored = read.into_iter().filter(|stored| stored.version == event.version);
            assert_eq!(case.seen_of(&stored.collect::<Vec<_>>()), case.seen_of(&[event]), "{what}");
            true
        }
        Err(StorageError::Unsupported { .. }) if waived => {
            // An engine that cannot represent the id may also return an error when reading.
            let read = read.unwrap_or_default();
            assert!(read.iter().all(|stored| stored.version != event.version), "{what} was rejected, but is stored");
            false
        }
        Err(error) => panic!("{what}: {error:?}"),
    }
}

/// Tests that any text is a valid aggregate id, and different texts denote different aggregates. The texts differ in
/// quotes, SQL, wildcards, separators, letter case, spaces, combining characters and control characters.
pub async fn any_text_is_an_aggregate_id(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    if !case.capabilities.text_ids() {
        return;
    }
    let mut expected = Vec::new();
    for (index, text) in TEXTS.iter().enumerate() {
        let waived = text.len() > case.capabilities.max_aggregate_id_len;
        let event = RawEvent { timestamp: at(index as i64), ..case.marked(text, 1, index) };
        if keeps(&case, POKEMONS, event, waived).await {
            expected.push((*text).to_owned());
        }
    }
    // After all pushes, each aggregate still has only its own event.
    for (index, text) in TEXTS.iter().enumerate().filter(|(_, text)| expected.iter().any(|id| id == *text)) {
        let event = RawEvent { timestamp: at(index as i64), ..case.marked(text, 1, index) };
        case.expect(POKEMONS, text, &[event]).await;
    }
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default()).await;
    assert_eq!(super::case::ids(&page), expected);
}

/// Tests that aggregate ids that are long, empty or contain NUL are stored unchanged or rejected. Such ids are never
/// truncated or confused with another id.
pub async fn odd_aggregate_ids_are_kept_or_refused(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    if !case.capabilities.text_ids() {
        return;
    }
    let long = "x".repeat(10_000);
    let longer = format!("{long}y");
    let nul = !case.capabilities.text_nul;
    for (text, waived) in
        [("nul\0nul", nul), ("nul", false), ("nul\0", nul), ("\0", nul), ("", true), (&long, false), (&longer, false)]
    {
        let waived = waived || text.len() > case.capabilities.max_aggregate_id_len;
        for version in [1, 2] {
            let event = RawEvent { aggregate_id: text.to_owned(), ..case.marked("odd", version, short(text).len()) };
            let event = RawEvent { payload: Some(json(format!("{}", text.len()))), metadata: None, ..event };
            keeps(&case, POKEMONS, event, waived).await;
        }
    }
}

/// Tests that the event store id and the aggregate id are separate parts of the key: two pairs of ids that are equal
/// when concatenated are still different.
pub async fn store_and_aggregate_ids_are_not_joined(factory: &dyn StorageFactory) {
    const PAIRS: &[(&str, &str)] = &[
        ("A", "B#C"),
        ("A#B", "C"),
        ("A", "B:C"),
        ("A:B", "C"),
        ("A", "B/C"),
        ("A/B", "C"),
        ("AB", "C"),
        ("A", "BC"),
        ("A|", "B"),
        ("A", "|B"),
        ("%", "A"),
        ("_", "A"),
        ("a", "A"),
        ("A", "A"),
        ("A ", "A"),
        ("'", "A"),
        ("\"", "A"),
        ("Ä", "A"),
        ("🦀", "A"),
    ];
    let case = Case::new(factory).await;
    for (index, (store, text)) in PAIRS.iter().enumerate() {
        let limits = &case.capabilities;
        let has_hash = store.contains('#') && !limits.hash_in_event_store_ids;
        let waived = store.len() > limits.max_event_store_id_len || has_hash;
        keeps(&case, store, case.marked(text, 1, index), waived).await;
    }
    for (index, (store, text)) in PAIRS.iter().enumerate() {
        let stored = case.seen(store, text).await;
        assert!(stored.len() <= 1, "{store:?} {text:?}: {stored:?}");
        assert!(
            stored.iter().all(|event| *event == case.seen_of(&[case.marked(text, 1, index)])[0]),
            "{store:?} {text:?}: {stored:?}"
        );
    }
    for store in ["%", "_", "a"] {
        let page = case.list(store, ListAggregateIdsOptions::default()).await;
        assert_eq!(super::case::ids(&page), [case.id("A")], "the list of {store:?}");
    }
}

/// Tests that any text is a valid event type. Long texts, texts with NUL and the empty text are stored unchanged or
/// rejected.
pub async fn any_text_is_an_event_type(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let long = "T".repeat(10_000);
    let odd = ["", "\0", "A\0B", &long];
    for (version, text) in (1..).zip(TEXTS.iter().copied().chain(odd)) {
        let limits = &case.capabilities;
        let waived = text.len() > limits.max_event_type_len || (text.contains('\0') && !limits.text_nul);
        let event = RawEvent { event_type: text.to_owned().into(), ..case.event("types", version) };
        keeps(&case, POKEMONS, event, waived || text.is_empty()).await;
    }
}

/// Tests that the payload and the metadata may contain any text, as values and as keys, escaped or not.
pub async fn any_text_is_kept_in_json(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for (version, text) in (1..).zip(TEXTS) {
        let text = serde_json::to_string(text).expect("text is JSON");
        let event = RawEvent {
            payload: Some(json(format!("{{{text}:{text}}}"))),
            metadata: Some(json(format!("[{text}]"))),
            ..case.event("texts", version)
        };
        keeps(&case, POKEMONS, event, false).await;
    }
}

/// Tests that valid JSON that many engines cannot handle is stored or rejected: numbers of any size, NUL, lone
/// surrogates, escapes, white space and repeated keys. The JSON must be returned byte for byte, or only as an equal
/// value if the capabilities allow this (`json_by_value`).
pub async fn odd_json_is_kept_or_refused(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let limits = case.capabilities.clone();
    let (wide, nul, lone) = (!limits.wide_numbers, !limits.json_nul, !limits.json_lone_surrogates);
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    for (version, (text, waived)) in (1..).zip([
        ("9007199254740993", false),
        ("18446744073709551615", false),
        ("-9223372036854775808", false),
        ("0.1", false),
        ("1.0", false),
        ("1E3", false),
        ("1e+3", false),
        ("-0.0", false),
        ("1e308", wide),
        ("5e-324", wide),
        ("1e400", true),
        ("123456789012345678901234567890123456789012345678901234567890", wide),
        ("0.1000000000000000055511151231257827021181583404541015625", wide),
        (r#"{"nul":"a\u0000b"}"#, nul),
        (r#"{"a\u0000b":1}"#, nul),
        (r#""\ud83e\udd80""#, false),
        (r#""\ud800""#, lone),
        (r#"["\udc00\ud800"]"#, lone),
        (r#""\/\b\f\n\r\t\u0041""#, false),
        (r#"{ "b" : 1 ,  "a":	[ 2 , 3 ] }"#, false),
        (r#"{"a":1,"a":2}"#, !limits.json_text),
        (&deep, limits.max_nesting <= 102),
    ]) {
        // The number 1e400 exceeds the range of `f64`, so the test cannot compare it by value.
        if text == "1e400" && !limits.json_text {
            continue;
        }
        let event = RawEvent {
            payload: Some(json(text)),
            metadata: Some(json(format!(r#"{{"of":{text}}}"#))),
            ..case.event("odd", version)
        };
        keeps(&case, POKEMONS, event, waived).await;
    }
}

/// Tests that versions up to `u64::MAX` are stored, or rejected if the capabilities waive them. Versions never wrap
/// around.
pub async fn huge_versions_are_kept_or_refused(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let mut kept = Vec::new();
    for version in [
        1,
        (1 << 31) - 1,
        1 << 31,
        1 << 32,
        (1 << 53) + 1,
        i64::MAX as u64 - 1,
        i64::MAX as u64,
        i64::MAX as u64 + 1,
        u64::MAX - 1,
        u64::MAX,
    ] {
        let waived = version > case.capabilities.max_version;
        if keeps(&case, POKEMONS, case.event("huge", version), waived).await {
            kept.push(case.event("huge", version));
        }
    }
    case.expect(POKEMONS, "huge", &kept).await;
    let shown = case.visit(POKEMONS, "huge", ALL, usize::MAX).await.expect("a visit");
    assert_eq!(shown, case.seen_of(&kept));
}

/// Tests that timestamps in the distant past and future, and in the last millisecond of a second, are returned
/// unchanged and sorted correctly in lists, or are rejected.
pub async fn far_timestamps_are_kept_or_refused(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let (first, last) = case.capabilities.timestamps;
    let mut expected = Vec::new();
    for text in [
        "-004713-01-01T00:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "0001-01-01T00:00:00.001Z",
        "1582-10-10T12:00:00.000Z",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00.000Z",
        "1970-01-01T00:00:00.001Z",
        "2024-02-29T23:59:59.999Z",
        "2038-01-19T03:14:08.000Z",
        "9999-12-31T23:59:59.999Z",
        "+010000-01-01T00:00:00.000Z",
        "+262000-01-01T00:00:00.000Z",
    ] {
        let moment: Timestamp = text.parse().expect("a moment");
        let waived = first.is_some_and(|first| moment < first) || last.is_some_and(|last| moment > last);
        let event = case.initial(text, moment);
        if keeps(&case, TRAINERS, event, waived).await {
            expected.push(case.id(text));
        }
    }
    let page = case.list(TRAINERS, ListAggregateIdsOptions::default()).await;
    assert_eq!(super::case::ids(&page), expected);
}
