use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use castore_core::channel::{HeldBackError, UnpublishedError};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// The simulated outcome of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Stored,
    Refused {
        permanent: bool,
    },
    Outage,
    /// The message is not sent at all.
    Malformed,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        12 => Just(Fate::Stored),
        1 => any::<bool>().prop_map(|permanent| Fate::Refused { permanent }),
        1 => Just(Fate::Malformed),
        1 => Just(Fate::Outage),
    ]
}

/// A simulated broker that responds with a delay and records what it stored.
#[derive(Default)]
struct Broker {
    stored: RefCell<Vec<(u8, usize)>>,
    /// The aggregates with a message in flight.
    under_way: RefCell<Vec<u8>>,
    most: Cell<usize>,
}

impl Broker {
    async fn send(&self, aggregate: u8, index: usize, fate: Fate, steps: u8) -> Result<(), SendError> {
        assert!(!self.under_way.borrow().contains(&aggregate), "two messages of one aggregate are in flight");
        self.under_way.borrow_mut().push(aggregate);
        self.most.set(self.most.get().max(self.under_way.borrow().len()));
        for _ in 0..steps {
            tokio::task::yield_now().await;
        }
        self.under_way.borrow_mut().retain(|other| *other != aggregate);
        match fate {
            Fate::Stored => {
                self.stored.borrow_mut().push((aggregate, index));
                Ok(())
            }
            Fate::Refused { permanent } => Err(SendError::Refused { permanent, reason: "refused".into() }),
            Fate::Outage => Err(SendError::Outage("away".into())),
            Fate::Malformed => unreachable!("a malformed message is not sent"),
        }
    }
}

fn run_all(messages: &[(u8, Fate, u8)], width: usize) -> (Broker, Result<(), PublishError>) {
    let broker = Broker::default();
    let items = messages.iter().enumerate().map(|(index, (aggregate, fate, steps))| {
        let item = match fate {
            Fate::Malformed => Err("malformed".into()),
            fate => Ok((*aggregate, index, *fate, *steps)),
        };
        (*aggregate, item)
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let published = runtime.block_on(pipelined(items.collect(), width, |(aggregate, index, fate, steps)| {
        broker.send(aggregate, index, fate, steps)
    }));
    (broker, published)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn each_aggregate_is_published_in_order_up_to_its_first_failure(
        messages in vec((0_u8..6, fate(), 0_u8..5), 0..40),
        width in 1_usize..8,
    ) {
        let (broker, published) = run_all(&messages, width);
        let stored = broker.stored.borrow();
        let mut indexes: HashMap<u8, Vec<usize>> = HashMap::new();
        for (aggregate, index) in stored.iter() {
            indexes.entry(*aggregate).or_default().push(*index);
        }
        let outage = messages.iter().any(|(_, fate, _)| *fate == Fate::Outage);
        for aggregate in 0..6 {
            let all: Vec<_> = (0..messages.len()).filter(|index| messages[*index].0 == aggregate).collect();
            let of_it = indexes.remove(&aggregate).unwrap_or_default();
            prop_assert!(all.starts_with(&of_it), "{of_it:?} of {all:?}");
            let before_failure = all.iter().take_while(|index| messages[**index].1 == Fate::Stored).count();
            if outage {
                prop_assert!(of_it.len() <= before_failure);
            } else {
                prop_assert_eq!(of_it.len(), before_failure);
            }
        }
        prop_assert!(broker.most.get() <= width);
        match published {
            Ok(()) => prop_assert_eq!(stored.len(), messages.len()),
            Err(PublishError::Broker(_)) => prop_assert!(outage && stored.is_empty()),
            Err(PublishError::Rejected { total, rejected }) => {
                prop_assert_eq!(total, messages.len());
                let mut all: Vec<_> = stored.iter().map(|(_, index)| *index).collect();
                all.extend(rejected.iter().map(|refused| refused.index));
                all.sort_unstable();
                prop_assert!(all.iter().copied().eq(0..messages.len()), "each is published or refused: {all:?}");
                prop_assert!(rejected.is_sorted_by_key(|refused| refused.index));
                for refused in &rejected {
                    let held = refused.reason.is::<HeldBackError>() || refused.reason.is::<UnpublishedError>();
                    match messages[refused.index].1 {
                        Fate::Malformed | Fate::Refused { permanent: true } => {
                            prop_assert_eq!(refused.permanent, !held);
                        }
                        _ => prop_assert!(!refused.permanent),
                    }
                }
            }
            Err(error) => prop_assert!(false, "{error:?}"),
        }
    }
}

#[test]
fn aggregates_do_not_wait_for_one_another() {
    let messages: Vec<_> = (0..6).map(|aggregate| (aggregate, Fate::Stored, 3)).collect();
    assert_eq!(run_all(&messages, 4).0.most.get(), 4);
    assert_eq!(run_all(&messages, 99).0.most.get(), 6);
}

#[test]
fn outage_before_any_outcome_is_a_broker_failure() {
    let (broker, published) = run_all(&[(1, Fate::Outage, 1), (1, Fate::Stored, 1), (2, Fate::Outage, 0)], 4);
    assert!(matches!(published, Err(PublishError::Broker(_))), "{published:?}");
    assert!(broker.stored.borrow().is_empty());
}

#[test]
fn held_back_messages_have_a_reason() {
    let (_, published) =
        run_all(&[(1, Fate::Refused { permanent: true }, 0), (1, Fate::Stored, 0), (2, Fate::Stored, 0)], 4);
    let Err(PublishError::Rejected { total: 3, rejected }) = published else { panic!("{published:?}") };
    let told: Vec<_> = rejected.iter().map(|r| (r.index, r.permanent, r.reason.is::<HeldBackError>())).collect();
    assert_eq!(told, [(0, true, false), (1, false, true)]);
}
