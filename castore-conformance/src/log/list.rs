use super::LogFactory;
use crate::behavior::behavior_table;

/// The list of all behaviors, from which both the tests and [`BEHAVIORS`] are generated.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_behaviors {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            order: {
                an_empty_log_has_no_events
                events_are_read_at_the_positions_of_their_pushes
                the_log_is_in_the_order_of_pushes
                reading_again_gives_the_same
                two_handles_see_one_log
            }
            paging: {
                every_limit_gives_the_same_log
                pages_say_whether_more_follows
                a_limit_of_0_reads_nothing
                any_position_can_be_read_after
                up_to_is_the_last_position
            }
            filters: {
                all_stores_are_read
                filter_without_stores_passes_nothing
                stores_are_filtered
                event_types_are_filtered
                one_aggregate_is_read
                one_aggregate_is_read_up_to_a_position
                sparse_filters_move_on_and_skip_nothing
            }
            groups: {
                groups_are_read_in_their_order
                versions_of_a_group_are_in_order
                a_group_that_loses_is_not_read
                a_forced_group_appends_what_is_new
            }
            force: {
                a_replaced_event_is_not_read_again
                a_rebuild_reads_the_replacement
                a_forced_push_of_a_new_version_is_read
            }
            rewrites: {
                pushes_without_replacement_are_not_rewrites
                replacing_an_event_is_a_rewrite
                a_forced_group_rewrites_what_it_replaces
                rewrites_are_seen_by_other_handles
            }
            failures: {
                a_push_that_loses_is_not_read
                lost_pushes_do_not_hold_up_readers
            }
            end: {
                an_empty_log_ends_before_its_first_event
                the_end_is_after_all_events
                starting_at_the_end_reads_only_what_is_new
                replacing_does_not_move_the_end_back
                two_handles_have_one_end
            }
            identity: {
                the_log_id_is_the_same_for_all_handles
                log_ids_of_two_storages_differ
                the_id_of_a_dropped_log_is_not_used_again
            }
            wake_ups: {
                a_push_wakes_a_waiting_reader
                a_push_before_the_wait_is_remembered
                a_group_wakes_all_readers
                a_push_of_another_handle_wakes_a_reader
                dropped_readers_do_not_affect_others
            }
            concurrency: {
                readers_beside_writers_miss_nothing
                readers_beside_writers_of_two_handles_miss_nothing
                the_versions_of_an_aggregate_are_read_in_order
                nothing_appears_before_the_settled_end
            }
            cancellation: {
                dropped_pushes_are_read_if_they_are_stored
                dropped_reads_disturb_nothing
            }
            hostile: {
                any_store_can_be_filtered
                any_aggregate_can_be_read
                any_event_type_can_be_filtered
            }
            property: {
                any_sequence_matches_the_model
            }
        }
    };
}

/// A behavior of event logs that can be checked outside of a `#[test]` function.
pub type Behavior = crate::Behavior<dyn LogFactory>;

/// All behaviors of event logs.
pub const BEHAVIORS: &[Behavior] = __log_behaviors!([behavior_table]);

#[cfg(test)]
mod tests {
    use crate::behavior::expect_all_listed;

    #[test]
    fn every_behavior_is_listed() {
        expect_all_listed("log", "LogFactory", super::BEHAVIORS);
    }
}
