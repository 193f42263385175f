use super::RelayStorageFactory;
use crate::behavior::behavior_table;

/// The list of all behaviors, from which both the tests and [`BEHAVIORS`] are generated.
#[doc(hidden)]
#[macro_export]
macro_rules! __relay_storage_behaviors {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            lease: {
                a_new_relay_starts_at_the_given_position
                the_start_position_applies_to_new_relays_only
                a_held_lease_is_not_taken
                an_expired_lease_can_be_acquired
                tokens_grow
                a_released_lease_is_free
                a_lost_lease_releases_nothing
                the_owner_is_seen_while_the_lease_lasts
                two_relays_are_independent
                relays_are_listed
                shared_databases_are_reported
            }
            fencing: {
                a_commit_moves_the_checkpoint
                great_positions_are_kept
                the_event_of_the_checkpoint_is_kept
                a_commit_extends_the_lease
                a_commit_says_how_long_the_lease_lasts
                an_expired_lease_can_be_extended_by_its_holder
                a_former_holder_writes_nothing
                an_old_token_stays_fenced
                a_forged_lease_writes_nothing
            }
            parked: {
                parked_aggregates_come_back_by_position
                parking_again_replaces
                the_time_to_the_next_attempt_counts_down
                freed_aggregates_are_gone
                parked_aggregates_belong_to_the_relay
                many_are_parked_at_once
                a_retry_makes_an_aggregate_due
            }
            dropping: {
                dropping_marks_the_message
                only_that_message_is_dropped
                a_dropped_message_stays_dropped
                the_next_message_is_not_dropped
                a_row_written_as_dropped_is_dropped
            }
            atomicity: {
                readers_see_commits_whole
                a_dropped_commit_is_all_or_nothing
                a_dropped_request_leaves_at_most_a_lease
            }
            concurrency: {
                one_of_many_processes_gets_the_lease
                no_token_is_given_twice
                a_takeover_starts_at_the_last_commit
                a_drop_is_not_lost_between_commits
            }
            hostile: {
                any_text_is_a_relay
                any_text_is_parked
                any_text_is_an_error
                names_are_not_joined
            }
        }
    };
}

/// A behavior of relay storages that can be checked outside of a `#[test]` function.
pub type Behavior = crate::Behavior<dyn RelayStorageFactory>;

/// All behaviors of relay storages.
pub const BEHAVIORS: &[Behavior] = __relay_storage_behaviors!([behavior_table]);

#[cfg(test)]
mod tests {
    use crate::behavior::expect_all_listed;

    #[test]
    fn every_behavior_is_listed() {
        expect_all_listed("relay_storage", "RelayStorageFactory", super::BEHAVIORS);
    }
}
