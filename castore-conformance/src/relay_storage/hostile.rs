//! Tests with names and texts that break naive string concatenation and careless encodings.

use castore_core::log::LogId;
use castore_core::relay::{AcquireLease, LeaseOutcome, ParkedAggregate, RelayCommit};

use super::RelayStorageFactory;
use super::case::{LONG, RELAY, RelayCase, parked, parked_at, take, timeless, to};

const TEXTS: &[&str] = &[
    "a",
    "A",
    "a ",
    " a",
    "it's",
    "''",
    "\"quoted\"",
    "`",
    "back\\slash\\",
    "'; DROP TABLE castore_relay; --",
    "' OR '1'='1",
    "%",
    "_",
    "$1",
    "?1",
    ":relay",
    "{a,b}",
    "NULL",
    "null",
    "0",
    "two\nlines\r\n\tand a tab",
    "Å",
    "A\u{30a}",
    "日本語",
    "עברית",
    "🦀👩‍👩‍👧‍👦",
    "\u{feff}\u{200b}",
    "#a#b",
];

fn long(length: usize) -> String {
    "long '日' ".chars().cycle().take(length).collect()
}

/// Tests that any text is a valid relay name, a valid owner name and a valid log id.
pub async fn any_text_is_a_relay(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let long = long(200);
    let names: Vec<&str> = TEXTS.iter().copied().chain([&*long]).collect();
    for (first, name) in (1..).zip(&names) {
        let log_id = LogId::new(format!("log {name}"));
        let request = AcquireLease { relay: name, owner: name, lasts: LONG, log_id: &log_id, first };
        match case.adapter.acquire(request).await.expect("asking for a lease") {
            LeaseOutcome::Lease { lease, checkpoint } => {
                assert_eq!((&*lease.relay, checkpoint.position, &checkpoint.log_id), (*name, first, &log_id));
                case.commit(&lease, RelayCommit { parked: vec![parked_at(name, first)], ..to(first * 2) }).await;
            }
            other => panic!("the relay {name:?} is confused with another: {other:?}"),
        }
    }
    for (first, name) in (1..).zip(&names) {
        let checkpoint = case.checkpoint(name).await.unwrap_or_else(|| panic!("the relay {name:?} is unknown"));
        assert_eq!((checkpoint.position, checkpoint.owner.as_deref()), (first * 2, Some(*name)));
        assert_eq!(timeless(parked(&case.adapter, name).await), timeless(vec![parked_at(name, first)]), "{name:?}");
    }
}

/// Tests that any text is a valid aggregate id and event store id of a parked aggregate.
pub async fn any_text_is_parked(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    let long = long(100);
    let texts: Vec<&str> = TEXTS.iter().copied().chain([&*long]).collect();
    let mut expected = Vec::new();
    for (position, text) in (1..).zip(&texts) {
        expected.push(parked_at(text, position));
        let of_store = ParkedAggregate { event_store_id: (*text).to_owned(), ..parked_at("a", 1_000 + position) };
        expected.push(of_store);
    }
    expected.sort_by_key(|one| one.next_position);
    case.park(&lease, expected.clone()).await;
    case.expect_parked(expected.clone()).await;
    for one in &expected {
        let (store, aggregate) = (&one.event_store_id, &one.aggregate_id);
        assert!(case.adapter.retry_parked(RELAY, store, aggregate).await.expect("an answer"), "{one:?}");
        let dropped = case.adapter.drop_parked(RELAY, store, aggregate, one.next_position).await;
        assert!(dropped.expect("an answer"), "{one:?}");
    }
    assert!(case.parked().await.iter().all(|one| one.dropped));
    let freed = expected.iter().skip(1).map(|one| (one.event_store_id.clone(), one.aggregate_id.clone())).collect();
    case.commit(&lease, RelayCommit { freed, ..to(5) }).await;
    assert_eq!(case.parked().await.len(), 1);
}

/// Tests that any text is a valid error of a parked aggregate, including quotes, line breaks, all scripts, long texts
/// and the empty text.
pub async fn any_text_is_an_error(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    let long = long(20_000);
    let errors = TEXTS.iter().copied().chain(["", &*long]);
    let expected: Vec<_> = (1..)
        .zip(errors)
        .map(|(position, error)| ParkedAggregate {
            error: error.to_owned(),
            ..parked_at(&format!("p{position}"), position)
        })
        .collect();
    case.park(&lease, expected.clone()).await;
    case.expect_parked(expected).await;
}

/// Tests that relay name, event store id and aggregate id are separate parts of the key, and are not simply
/// concatenated.
pub async fn names_are_not_joined(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let keys = [("r", "s#a", "b"), ("r", "s", "a#b"), ("r#s", "a", "b"), ("r", "s:a", "b"), ("r", "s", "a:b")];
    for (position, (relay, store, aggregate)) in (1..).zip(keys) {
        let lease = take(&case.adapter, relay, "me", LONG).await;
        let row = ParkedAggregate { event_store_id: store.to_owned(), ..parked_at(aggregate, position) };
        case.commit(&lease, RelayCommit { parked: vec![row], ..to(1) }).await;
        case.adapter.release(&lease).await.expect("releasing");
    }
    assert_eq!(parked(&case.adapter, "r").await.len(), 4);
    assert_eq!(parked(&case.adapter, "r#s").await.len(), 1);
}
