//! A property test with a simulated adapter, which sends messages concurrently to a broker with random outcomes.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::channel::{PublishError, RejectedMessage};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Published,
    Rejected {
        permanent: bool,
    },
    /// The adapter rejects the message before it sends any messages.
    Malformed,
    BrokerFailed,
}

#[derive(Debug, Clone, Copy)]
struct Message {
    aggregate: u8,
    fate: Fate,
}

fn message() -> impl Strategy<Value = Message> {
    let fate = prop_oneof![
        12 => Just(Fate::Published),
        2 => any::<bool>().prop_map(|permanent| Fate::Rejected { permanent }),
        1 => Just(Fate::Malformed),
        1 => Just(Fate::BrokerFailed),
    ];
    (0_u8..5, fate).prop_map(|(aggregate, fate)| Message { aggregate, fate })
}

/// The messages that were sent to the simulated broker, and the messages that the broker published, each by index.
#[derive(Debug, Default)]
struct Broker {
    sent: Vec<usize>,
    published: Vec<usize>,
}

/// Sends up to `width` messages at the same time. `schedule` determines which of them completes next.
fn publish_all(
    messages: &[Message],
    ordered: bool,
    width: usize,
    schedule: &[usize],
) -> (Broker, Result<(), PublishError>) {
    let mut ledger = match ordered {
        true => OrderedPublish::new(messages.iter().map(|message| message.aggregate)),
        false => OrderedPublish::unordered(messages.len()),
    };
    for (index, message) in messages.iter().enumerate() {
        if message.fate == Fate::Malformed {
            ledger.reject(index, true, "malformed");
        }
    }
    let mut broker = Broker::default();
    let mut ready: Vec<_> = ledger.first().iter().rev().copied().collect();
    let mut in_flight: Vec<usize> = Vec::new();
    let mut schedule = schedule.iter().cycle();
    loop {
        while in_flight.len() < width
            && let Some(index) = ready.pop()
        {
            if ledger.may_send(index) {
                let aggregate = messages[index].aggregate;
                let concurrent = in_flight.iter().any(|other| messages[*other].aggregate == aggregate);
                assert!(!ordered || !concurrent, "two messages of an aggregate are in flight");
                broker.sent.push(index);
                in_flight.push(index);
            }
        }
        if in_flight.is_empty() {
            return (broker, ledger.finish());
        }
        let completed = in_flight.remove(schedule.next().unwrap() % in_flight.len());
        match messages[completed].fate {
            Fate::Published => {
                broker.published.push(completed);
                ready.extend(ledger.published(completed));
            }
            Fate::Rejected { permanent } => ledger.reject(completed, permanent, "rejected"),
            Fate::BrokerFailed => ledger.failed(PublishError::Broker("unavailable".into())),
            Fate::Malformed => unreachable!("a malformed message is not sent"),
        }
    }
}

fn check_reason(message: Message, sent: bool, failed: bool, rejected: &RejectedMessage) -> Result<(), TestCaseError> {
    let RejectedMessage { permanent, reason, .. } = rejected;
    if reason.is::<HeldBackError>() {
        prop_assert!(!sent && !permanent);
    } else if reason.is::<UnpublishedError>() {
        prop_assert!(failed && !permanent);
        prop_assert!(!sent || message.fate == Fate::BrokerFailed);
    } else {
        match message.fate {
            Fate::Malformed => prop_assert!(*permanent && !sent),
            Fate::Rejected { permanent: expected } => prop_assert!(sent && *permanent == expected),
            other => prop_assert!(false, "{other:?} was rejected: {reason}"),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn each_message_has_one_outcome_and_each_aggregate_keeps_its_order(
        messages in vec(message(), 0..40),
        ordered: bool,
        width in 1_usize..6,
        schedule in vec(0_usize..6, 1..40),
    ) {
        let (broker, outcome) = publish_all(&messages, ordered, width, &schedule);
        let sent: BTreeSet<_> = broker.sent.iter().copied().collect();
        prop_assert_eq!(sent.len(), broker.sent.len(), "a message was sent twice");
        let failed = sent.iter().any(|index| messages[*index].fate == Fate::BrokerFailed);
        let rejected = match outcome {
            Ok(()) => Vec::new(),
            Err(PublishError::Rejected { total, rejected }) => {
                prop_assert_eq!(total, messages.len());
                prop_assert!(!rejected.is_empty());
                rejected
            }
            Err(PublishError::Broker(_)) => {
                prop_assert!(failed && broker.published.is_empty());
                let any_rejected = messages.iter().enumerate().any(|(index, message)| match message.fate {
                    Fate::Malformed => true,
                    Fate::Rejected { .. } => sent.contains(&index),
                    _ => false,
                });
                prop_assert!(!any_rejected, "the failure hides a rejection");
                return Ok(());
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        };
        let mut named: Vec<_> = broker.published.clone();
        named.extend(rejected.iter().map(|rejected| rejected.index));
        named.sort_unstable();
        prop_assert!(named.iter().copied().eq(0..messages.len()), "not exactly one outcome each: {:?}", named);
        prop_assert!(rejected.is_sorted_by_key(|rejected| rejected.index));
        for rejected in &rejected {
            check_reason(messages[rejected.index], sent.contains(&rejected.index), failed, rejected)?;
        }
        for aggregate in 0..5 {
            let of_it = |index: &&usize| messages[**index].aggregate == aggregate;
            let published: Vec<_> = broker.published.iter().filter(of_it).collect();
            let first_rejected =
                rejected.iter().map(|rejected| &rejected.index).find(|index| messages[**index].aggregate == aggregate);
            if ordered {
                prop_assert!(published.is_sorted(), "published {published:?}");
                let is_before = |rejected| published.last().is_none_or(|last| *last < rejected);
                prop_assert!(first_rejected.is_none_or(is_before), "published after a rejection");
            }
            if !failed {
                // Without a broker failure, a message is held back only after an earlier message of its aggregate was
                // rejected.
                let of_aggregate = messages.iter().filter(|message| message.aggregate == aggregate);
                let expected = match ordered {
                    true => of_aggregate.take_while(|message| message.fate == Fate::Published).count(),
                    false => of_aggregate.filter(|message| message.fate == Fate::Published).count(),
                };
                prop_assert_eq!(published.len(), expected);
            }
        }
    }
}
