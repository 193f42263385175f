use super::SnapshotFactory;
use crate::behavior::behavior_table;

/// The list of all behaviors, from which both the tests and [`BEHAVIORS`] are generated.
#[doc(hidden)]
#[macro_export]
macro_rules! __snapshot_behaviors {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            keys: {
                a_new_aggregate_has_no_snapshot
                a_snapshot_is_found_by_its_key
                other_keys_do_not_find_it
                state_shapes_are_distinct
                reducer_versions_are_distinct
            }
            versions: {
                the_highest_version_is_found
                max_version_is_inclusive
                the_same_version_is_replaced
                great_versions_are_kept_or_refused
            }
            clean_up: {
                the_highest_versions_are_kept
                the_newest_snapshot_stays
                all_shapes_count_together
                other_aggregates_keep_theirs
                deleting_removes_all_of_an_aggregate
            }
            content: {
                any_json_value_is_a_state
                rewrite_counts_are_stored
                timestamps_are_stored
                large_states_are_kept_or_refused
            }
            hostile: {
                any_text_is_an_aggregate_id
                any_text_is_an_event_store
                odd_json_is_kept_or_refused
            }
            concurrency: {
                the_same_version_is_put_by_many
                many_put_and_clean_up
                dropped_calls_disturb_nothing
            }
        }
    };
}

/// A behavior of snapshot adapters that can be checked outside of a `#[test]` function.
pub type Behavior = crate::Behavior<dyn SnapshotFactory>;

/// All behaviors of snapshot adapters.
pub const BEHAVIORS: &[Behavior] = __snapshot_behaviors!([behavior_table]);

#[cfg(test)]
mod tests {
    use crate::behavior::expect_all_listed;

    #[test]
    fn every_behavior_is_listed() {
        expect_all_listed("snapshot", "SnapshotFactory", super::BEHAVIORS);
    }
}
