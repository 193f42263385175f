//! Tests with data that breaks naive string concatenation, naive keys and careless encodings, and with data that the
//! table cannot store.

use castore_core::inbox::InboxError;

use super::InboxFactory;
use super::TransactionEnd::Commit;
use super::case::{InboxCase, KitMessage, MAILER, message};

/// Texts that an inbox must treat as different ids.
const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "A",
    "a ",
    "'",
    "''",
    "a'; --",
    "\"",
    "\\",
    "$1",
    "?1",
    ":id",
    "%",
    "_",
    "1",
    "01",
    "1.0",
    "NULL",
    "#",
    "a#b",
    "ß",
    "ss",
    "i",
    "İ",
    "ü",
    "u\u{308}",
    "\u{1}",
    "\u{200b}",
    "\u{feff}",
    "日本語",
    "🦀",
    "\r\n",
];

/// Tests that any text is a valid aggregate id and a valid event store id. The two ids are separate parts of the key,
/// and are not simply concatenated.
pub async fn any_text_is_an_id(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let mut texts = TEXTS.to_vec();
    if case.capabilities.text_nul {
        texts.extend(["a\0", "a\0b", "\0"]);
    }
    let joined = [("s#a", "b"), ("s", "a#b"), ("s/a", "b"), ("s", "a/b"), ("s\u{1}a", "b"), ("s", "a\u{1}b")];
    let messages: Vec<_> = texts
        .iter()
        .map(|text| message(text, 1))
        .chain(texts.iter().map(|text| KitMessage { store: text, ..message("store", 1) }))
        .chain(joined.map(|(store, aggregate)| KitMessage { store, ..message(aggregate, 1) }))
        .collect();
    for first in [true, false] {
        for (message, answer) in messages.iter().zip(case.handle_all(MAILER, messages.clone(), Commit).await) {
            assert_eq!(answer, first, "{message:?} is taken for another");
        }
    }
}

/// Tests that long ids that differ only at their ends are recorded as different messages.
pub async fn long_ids_are_recorded(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let length = case.capabilities.max_aggregate_id_len.min(100_000);
    let long = |end: &str| format!("{}{end}", "x".repeat(length - end.len()));
    for first in [true, false] {
        for end in ["a", "b", "ü"] {
            assert_eq!(case.handle(MAILER, message(&long(end), 1)).await, first, "{end}");
        }
    }
}

/// Tests that data that the table cannot store is rejected as [`Unsupported`](InboxError::Unsupported). The text of the
/// error does not contain the id.
pub async fn unsupported_data_is_rejected_without_showing_it(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let mut unsupported = vec![(MAILER, message("s3cret", u64::MAX)), (MAILER, message("s3cret", 1 << 63))];
    if !case.capabilities.text_nul {
        unsupported.push((MAILER, message("s3cret\0", 1)));
        unsupported.push((MAILER, KitMessage { store: "s3cret\0", ..message("a", 1) }));
        unsupported.push(("s3cret\0", message("a", 1)));
    }
    for (consumer, message) in unsupported {
        let what = format!("{consumer:?}, {message:?}");
        match case.try_handle(consumer, message).await {
            Err(error @ InboxError::Unsupported { .. }) => {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("s3cret") && shown.len() < 300, "{shown:.300}");
            }
            other => panic!("{what} must be unsupported, not {other:?}"),
        }
    }
    case.expect_effects([]).await;
    // The consumer continues to work.
    assert!(case.handle(MAILER, message("a", 1)).await);
}
