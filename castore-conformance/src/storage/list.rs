use super::StorageFactory;
use crate::behavior::behavior_table;

/// The list of all behaviors, from which both the tests and [`BEHAVIORS`] are generated.
#[doc(hidden)]
#[macro_export]
macro_rules! __storage_behaviors {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            push: {
                an_event_comes_back_as_it_was_pushed
                no_payload_and_no_metadata_come_back_as_none
                any_json_value_is_a_payload
                any_json_value_is_metadata
                a_taken_version_is_refused
                events_come_back_by_version
                the_same_id_in_two_stores_is_two_aggregates
                aggregates_of_one_store_are_independent
                positions_grow
            }
            gaps: {
                versions_that_do_not_follow_are_refused
                allowed_gaps_are_stored
                a_taken_version_is_a_conflict_rather_than_a_gap
                a_gap_anywhere_stores_nothing
                a_conflict_in_a_group_takes_precedence_over_a_gap
                aggregates_with_gaps_continue_after_their_last_version
                an_allowed_gap_counts_for_the_next_push
                partial_reads_do_not_permit_a_gap
            }
            force: {
                force_replaces_the_event_in_place
                force_removes_payload_and_metadata
                force_on_a_new_version_appends
                force_stays_in_its_store
                force_keeps_the_position
                force_on_version_1_moves_the_aggregate_in_the_list
                forcing_again_and_again_leaves_one_event
            }
            get_events: {
                all_combinations_of_options_are_honored
                an_unknown_aggregate_has_no_events
                events_that_were_read_do_not_change
                a_returned_push_is_read_at_once
            }
            visit_events: {
                visiting_shows_what_reading_gives
                a_visitor_stops_the_visit
                an_unknown_aggregate_shows_nothing
                long_aggregates_are_shown_whole
            }
            groups: {
                a_group_is_stored_whole
                a_group_spans_event_stores
                a_group_of_one_is_stored
                versions_of_one_aggregate_may_share_a_group
                a_conflict_anywhere_stores_nothing
                a_version_twice_in_a_group_is_a_conflict
                a_forced_group_replaces_and_appends
                events_of_a_group_keep_their_timestamps
                a_group_of_100_is_stored_whole
                a_group_beyond_the_limit_is_refused_whole
            }
            listing: {
                aggregates_are_listed_by_initial_timestamp
                reverse_lists_the_latest_first
                bounds_are_inclusive
                an_empty_store_lists_nothing
                aggregates_without_version_1_are_not_listed
                ties_are_ordered_by_id
                aggregates_of_groups_are_listed
            }
            paging: {
                pages_follow_one_another
                tokens_carry_the_options
                ties_survive_the_end_of_a_page
                options_win_over_the_token
                a_limit_of_0_lists_nothing
                paging_continues_after_an_aggregate_that_moved
            }
            tokens: {
                castore_tokens_are_read
                tokens_of_vanished_aggregates_keep_their_place
                invalid_tokens_are_refused
                tokens_hold_any_aggregate_id
            }
            identity: {
                storage_id_is_the_same_for_all_handles
                storage_ids_of_two_storages_differ
                a_storage_opened_again_has_everything
            }
            concurrency: {
                each_version_has_one_winner
                optimistic_writers_lose_nothing
                commands_on_one_aggregate_get_through
                writers_of_different_aggregates_all_win
                overlapping_groups_are_all_or_nothing
                single_pushes_and_groups_compete
                forced_pushes_do_not_mix
            }
            concurrent_reads: {
                readers_see_versions_without_gaps
                readers_see_groups_whole
                readers_never_see_a_lost_group
                paging_beside_writers_skips_and_repeats_nothing
            }
            cancellation: {
                a_dropped_push_is_all_or_nothing
                a_dropped_group_is_all_or_nothing
                a_dropped_push_does_not_disturb_others
                dropped_reads_disturb_nothing
            }
            large: {
                a_mebibyte_is_kept_or_refused
                payloads_of_all_lengths_are_kept
                a_long_aggregate_is_read_whole
                a_list_without_limit_has_all
            }
            hostile: {
                any_text_is_an_aggregate_id
                odd_aggregate_ids_are_kept_or_refused
                store_and_aggregate_ids_are_not_joined
                any_text_is_an_event_type
                any_text_is_kept_in_json
                odd_json_is_kept_or_refused
                huge_versions_are_kept_or_refused
                far_timestamps_are_kept_or_refused
            }
            property: {
                any_sequence_matches_the_model
            }
        }
    };
}

/// A behavior of event storages that can be checked outside of a `#[test]` function.
pub type Behavior = crate::Behavior<dyn StorageFactory>;

/// All behaviors of event storages.
pub const BEHAVIORS: &[Behavior] = __storage_behaviors!([behavior_table]);

#[cfg(test)]
mod tests {
    use crate::behavior::expect_all_listed;

    #[test]
    fn every_behavior_is_listed() {
        expect_all_listed("storage", "StorageFactory", super::BEHAVIORS);
    }
}
