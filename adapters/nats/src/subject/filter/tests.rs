use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const STORES: [&str; 4] = ["ORDERS", "OR.DERS", "*", ""];
const TYPES: [&str; 4] = ["PLACED", "PLA CED", ">", "~exists"];

/// What NATS does with wildcards.
fn matches(filter: &str, subject: &str) -> bool {
    let (mut filter, mut subject) = (filter.split('.'), subject.split('.'));
    loop {
        match (filter.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(wanted), Some(token)) if wanted == token => {}
            _ => return false,
        }
    }
}

/// Whether two filters have a subject in common. None has `>`.
fn overlap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<_>, Vec<_>) = (one.split('.').collect(), other.split('.').collect());
    one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| one == other || *one == "*" || *other == "*")
}

/// What `FilterFor::passes` says, in the words of the patterns.
fn passes(patterns: &[FilterPattern], store: &str, event_type: Option<&str>, replay: bool) -> bool {
    patterns.iter().any(|pattern| {
        (pattern.on_replay || !replay)
            && pattern.event_store_id.is_none_or(|wanted| wanted == store)
            && pattern.event_types.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| event_type == Some(*wanted)))
    })
}

fn pattern() -> impl Strategy<Value = FilterPattern> {
    let types = proptest::option::of(vec(proptest::sample::select(TYPES.to_vec()), 0..3));
    (proptest::option::of((proptest::sample::select(STORES.to_vec()), types)), any::<bool>()).prop_map(
        |(of_store, on_replay)| {
            let pattern = match of_store {
                None => FilterPattern::all(),
                Some((store, None)) => FilterPattern::event_store(store),
                Some((store, Some(types))) => FilterPattern::event_store(store).event_types(types),
            };
            pattern.on_replay(on_replay)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn subjects_pass_what_the_patterns_pass(
        patterns in vec(pattern(), 0..5),
        partitions in proptest::option::of(1_u32..4),
        aggregate in "[a-c.*> ]{0,3}",
    ) {
        let layout = Layout { prefix: "a.b".to_owned(), partitions };
        for partition in layout.lanes() {
            let filters = filter_subjects(&layout, &patterns, partition);
            prop_assert!(!filters.is_empty(), "a consumer without filter gets everything");
            for (at, one) in filters.iter().enumerate() {
                prop_assert!(overlap(one, &layout.all(None)), "{one} is not in the stream");
                for other in &filters[at + 1..] {
                    prop_assert!(!overlap(one, other), "{one} and {other} overlap");
                }
            }
            let types = TYPES.iter().map(|event_type| Some(*event_type)).chain([None]);
            for event_type in types {
                for store in STORES {
                    for replay in [false, true] {
                        let subject = layout.subject(store, &aggregate, event_type, replay);
                        prop_assert!(matches(&layout.all(None), &subject));
                        prop_assert!(!matches(&layout.dead_letters(), &subject));
                        let here = matches(&layout.all(partition), &subject);
                        let wanted = here && passes(&patterns, store, event_type, replay);
                        let matching = filters.iter().filter(|filter| matches(filter, &subject)).count();
                        prop_assert_eq!(matching, usize::from(wanted), "{}: {:?}", subject, filters);
                    }
                }
            }
        }
    }
}

#[test]
fn what_others_cover_is_left_out() {
    let layout = Layout { prefix: "p".to_owned(), partitions: None };
    let subjects = |patterns: &[FilterPattern]| filter_subjects(&layout, patterns, None);
    let orders = || FilterPattern::event_store("ORDERS");
    assert_eq!(subjects(&[FilterPattern::all(), orders()]), ["p.*.*.live"]);
    assert_eq!(subjects(&[FilterPattern::all(), orders().on_replay(true)]), ["p.*.*.live", "p.ORDERS.*.replay"]);
    assert_eq!(subjects(&[orders().event_types(["B", "A", "A"])]), ["p.ORDERS.A.live", "p.ORDERS.B.live"]);
    assert_eq!(subjects(&[orders().event_types(["A"]).on_replay(true)]), ["p.ORDERS.A.*"]);
    assert_eq!(subjects(&[]), ["p.~none.~none.live"]);
    assert_eq!(subjects(&[orders().event_types([])]), ["p.~none.~none.live"]);
}
