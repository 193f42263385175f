use super::SnapshotFactory;
use crate::behaviour::behaviour_table;

/// All behaviours, once: the macro that writes tests and [`BEHAVIOURS`] are both made of this list.
#[doc(hidden)]
#[macro_export]
macro_rules! __snapshot_behaviours {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            keys: {
                there_is_none_at_first
                a_snapshot_is_found_by_its_key
                other_keys_do_not_find_it
                all_shapes_are_apart
                all_reducer_versions_are_apart
            }
            versions: {
                the_highest_version_is_found
                max_version_is_inclusive
                the_same_version_is_replaced
                great_versions_are_kept_or_refused
            }
            clean_up: {
                the_highest_versions_are_kept
                the_one_just_put_stays
                all_shapes_count_together
                other_aggregates_keep_theirs
                deleting_removes_all_of_an_aggregate
            }
            content: {
                any_json_value_is_a_state
                rewrites_come_back
                the_moment_comes_back
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

/// One behaviour, to be run by hand: for adapters that are tested elsewhere than in a `#[test]`.
pub type Behaviour = crate::Behaviour<dyn SnapshotFactory>;

/// All behaviours of snapshot adapters.
pub const BEHAVIOURS: &[Behaviour] = __snapshot_behaviours!([behaviour_table]);

#[cfg(test)]
mod tests {
    use crate::behaviour::expect_all_listed;

    #[test]
    fn every_behaviour_is_listed() {
        expect_all_listed("snapshot", "SnapshotFactory", super::BEHAVIOURS);
    }
}
