//! Tests of message identity.

use castore_core::event::EventDetail;
use castore_core::message::{AggregateExistsMessage, NotificationMessage};
use castore_core::time::Timestamp;

use super::InboxFactory;
use super::case::{InboxCase, KitMessage, MAILER, message};
use crate::channel::channels::{Trainer, TrainerEvent};

/// Tests that two messages are different if their event stores, aggregates or versions differ.
pub async fn store_aggregate_and_version_identify_a_message(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let messages = [
        message("a", 1),
        message("a", 2),
        message("b", 1),
        KitMessage { store: "TRAINERS", ..message("a", 1) },
        KitMessage { store: "TRAINERS", ..message("b", 2) },
    ];
    for first in [true, false] {
        for message in &messages {
            assert_eq!(case.handle(MAILER, message.clone()).await, first, "{message:?}");
        }
    }
}

/// Tests that each consumer has its own record of a message.
pub async fn consumers_are_independent(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let mut names = vec!["mailer", "Mailer", "mailer ", "", "it's; \"quoted\" \\ ü 🦀", "$1", "?1"];
    if case.capabilities.text_nul {
        names.extend(["a\0b", "a\0c"]);
    }
    for name in &names {
        assert!(case.handle(name, message("a", 1)).await, "{name:?} is taken for another consumer");
    }
    for name in &names {
        assert!(!case.handle(name, message("a", 1)).await, "{name:?}");
    }
}

/// Tests that a message without a version counts as version 0. Therefore, such a message is new once per aggregate.
pub async fn a_message_without_version_is_version_0(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let exists = |aggregate: &str| KitMessage { version: None, ..message(aggregate, 0) };
    assert!(case.handle(MAILER, message("a", 1)).await);
    assert!(case.handle(MAILER, exists("a")).await, "it is not version 1");
    assert!(!case.handle(MAILER, exists("a")).await);
    assert!(!case.handle(MAILER, message("a", 0)).await);
    assert!(case.handle(MAILER, exists("b")).await);
}

/// Tests that the kind and the content of a message are not part of its identity.
pub async fn kind_and_content_do_not_count(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let notification = |name: &str| NotificationMessage::<Trainer> {
        event: EventDetail::new(
            "ash".to_owned(),
            1,
            Timestamp::from_unix_millis(1_700_000_000_000).expect("a timestamp"),
            TrainerEvent::GameStarted { name: name.to_owned() },
        ),
    };
    let exists = || AggregateExistsMessage::<Trainer> {
        aggregate_id: "ash".to_owned(),
        initial_event_timestamp: Some(Timestamp::from_unix_millis(1_700_000_000_000).expect("a timestamp")),
    };
    assert!(case.handle(MAILER, notification("Red")).await);
    assert!(!case.handle(MAILER, notification("Blue")).await, "the event was rewritten");
    let same = KitMessage { store: notification("Red").event_store_id(), ..message("ash", 1) };
    assert!(!case.handle(MAILER, same).await, "a message without an event type");
    assert!(case.handle(MAILER, exists()).await, "it has no version");
    assert!(!case.handle(MAILER, exists()).await);
}

/// Tests that messages with the greatest version that the storage supports are recorded, and are not confused with
/// neighboring versions.
pub async fn great_versions_are_recorded(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let greatest = case.capabilities.max_version.min(i64::MAX as u64);
    for first in [true, false] {
        for version in [greatest, greatest - 1, (1 << 53) + 1, 1 << 53] {
            assert_eq!(case.handle(MAILER, message("a", version)).await, first, "version {version}");
        }
    }
}
