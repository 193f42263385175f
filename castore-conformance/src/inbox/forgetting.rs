//! Tests of deleting old records.

use std::time::Duration;

use super::InboxFactory;
use super::case::{InboxCase, MAILER, message};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

/// Tests that records older than the given age are deleted, and their messages count as new again. Other records stay.
pub async fn old_records_are_deleted(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    // Version 1 is three days and a minute old, version 2 is two days and a minute old, and version 3 is one day and a
    // minute old.
    for version in 1..=3 {
        assert!(case.handle(MAILER, message("a", version)).await);
        case.database.make_older(DAY).await;
    }
    case.database.make_older(MINUTE).await;
    assert_eq!(case.forget(MAILER, 4 * DAY).await, 0);
    assert_eq!(case.forget(MAILER, 2 * DAY).await, 2);
    assert_eq!(case.forget(MAILER, 2 * DAY).await, 0);
    for version in 1..=3 {
        assert_eq!(case.handle(MAILER, message("a", version)).await, version < 3, "version {version}");
    }
}

/// Tests that the records of other consumers are not deleted.
pub async fn other_consumers_keep_their_records(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    for consumer in [MAILER, "counter"] {
        assert!(case.handle(consumer, message("a", 1)).await);
    }
    case.database.make_older(DAY).await;
    assert_eq!(case.forget("unknown", MINUTE).await, 0);
    assert_eq!(case.forget(MAILER, MINUTE).await, 1);
    assert!(!case.handle("counter", message("a", 1)).await);
    assert!(case.handle(MAILER, message("a", 1)).await);
}

/// Tests that the longest age deletes nothing, and an age of zero deletes all existing records.
pub async fn extreme_ages_are_accepted(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    for version in 1..=3 {
        assert!(case.handle(MAILER, message("a", version)).await);
    }
    case.database.make_older(MINUTE).await;
    for age in [Duration::MAX, Duration::MAX / 2, Duration::from_secs(u64::from(u32::MAX) * 1000), 10_000 * DAY] {
        assert_eq!(case.forget(MAILER, age).await, 0, "{age:?}");
    }
    assert_eq!(case.forget(MAILER, Duration::ZERO).await, 3);
    assert!(case.handle(MAILER, message("a", 2)).await);
}

/// Tests that a new record is not deleted, and that handling the message again does not reset the age of its record.
pub async fn a_new_record_stays(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    assert!(case.handle(MAILER, message("a", 1)).await);
    // This age is longer than any test takes, and short enough to detect a wrong unit of time.
    assert_eq!(case.forget(MAILER, Duration::from_secs(600)).await, 0);
    case.database.make_older(Duration::from_secs(660)).await;
    // Handling the message again does not make its record newer.
    assert!(!case.handle(MAILER, message("a", 1)).await);
    assert_eq!(case.forget(MAILER, Duration::from_secs(600)).await, 1);
}
