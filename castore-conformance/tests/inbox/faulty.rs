//! Tests that the kit detects faults. Each inbox has one fault, and the tests of the kit that are listed for
//! the fault must fail.

use std::panic::{AssertUnwindSafe, catch_unwind};

use castore_conformance::inbox::BEHAVIORS;

use crate::Factory;
use crate::in_memory::Fault::{self, *};

/// The faults, each with behaviors that must fail because of this fault. Other behaviors may fail, too.
const FOUND_BY: &[(Fault, &[&str])] = &[
    (AlwaysFirst, &["the_first_commit_is_the_first_time", "one_of_many_handlers_is_the_first"]),
    (NeverFirst, &["the_first_commit_is_the_first_time"]),
    (RecordedBeforeCommit, &["a_rollback_leaves_no_record", "one_of_many_handlers_is_the_first"]),
    (RecordedAfterCommit, &["a_message_is_first_once_per_transaction"]),
    (EffectWithoutCommit, &["a_rollback_leaves_no_record", "one_of_many_handlers_is_the_first"]),
    (StoreIgnored, &["store_aggregate_and_version_identify_a_message", "any_text_is_an_id"]),
    (AggregateIgnored, &["store_aggregate_and_version_identify_a_message"]),
    (VersionIgnored, &["store_aggregate_and_version_identify_a_message", "a_message_without_version_is_version_0"]),
    (ConsumerIgnored, &["consumers_are_independent", "consumers_do_not_disturb_each_other"]),
    (ConsumerLowercased, &["consumers_are_independent"]),
    (IdsTrimmed, &["any_text_is_an_id"]),
    (IdsCut, &["long_ids_are_recorded"]),
    (IdsJoined, &["any_text_is_an_id"]),
    (NoVersionIsVersion1, &["a_message_without_version_is_version_0", "kind_and_content_do_not_count"]),
    (KindCounts, &["kind_and_content_do_not_count"]),
    (VersionsAsFloats, &["great_versions_are_recorded"]),
    (VersionsWrap, &["unsupported_data_is_rejected_without_showing_it"]),
    (ErrorShowsId, &["unsupported_data_is_rejected_without_showing_it"]),
    (CheckThenInsert, &["one_of_many_handlers_is_the_first"]),
    (ForgetsOneMore, &["old_records_are_deleted"]),
    (ForgetsNothing, &["old_records_are_deleted", "extreme_ages_are_accepted"]),
    (ForgetsAllConsumers, &["other_consumers_keep_their_records"]),
    (AgeOverflows, &["extreme_ages_are_accepted"]),
    (AgeInSeconds, &["old_records_are_deleted"]),
    (HandledAgainIsNewer, &["a_new_record_stays"]),
    (NoTableIsEmpty, &["a_missing_table_is_reported"]),
    (TableIsReplaced, &["an_existing_table_is_kept"]),
];

#[test]
fn every_fault_is_found() {
    let mut wrong = Vec::new();
    for (fault, found_by) in FOUND_BY {
        for name in *found_by {
            if passes(name, Some(*fault)) {
                wrong.push(format!("{name} passes despite {fault:?}"));
            }
            if !passes(name, None) {
                wrong.push(format!("{name} fails without any fault"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

fn passes(name: &str, fault: Option<Fault>) -> bool {
    let behavior = BEHAVIORS.iter().find(|behavior| behavior.name == name);
    let behavior = behavior.unwrap_or_else(|| panic!("no behavior {name}"));
    catch_unwind(AssertUnwindSafe(|| behavior.check(&Factory(fault)))).is_ok()
}
