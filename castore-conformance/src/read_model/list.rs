use super::ReadModelFactory;
use crate::behavior::behavior_table;

/// The list of all behaviors, from which both the tests and [`BEHAVIORS`] are generated.
#[doc(hidden)]
#[macro_export]
macro_rules! __read_model_behaviors {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            applying: {
                a_new_version_starts_at_the_beginning
                the_checkpoint_moves_with_the_model
                the_checkpoint_moves_without_events
                the_event_of_the_checkpoint_is_kept
                a_failed_apply_leaves_nothing
                another_process_continues_at_the_checkpoint
                a_dropped_apply_is_all_or_nothing
            }
            fencing: {
                a_second_runner_is_fenced
                a_repeated_call_applies_nothing_twice
                concurrent_runners_apply_each_event_once
                the_engine_survives_lost_responses
            }
            parking: {
                parking_moves_the_checkpoint
                parked_aggregates_are_skipped
                a_parked_event_is_applied_once
                a_parked_event_that_is_refused_again_leaves_nothing
                unparking_is_fenced_by_the_checkpoint
                versions_park_independently
            }
            swapping: {
                a_new_version_is_built_unseen
                a_swap_is_atomic
                a_swap_waits_until_the_version_has_caught_up
                a_swap_is_fenced_by_the_checkpoint
                an_older_version_is_superseded
                a_dropped_version_is_gone
            }
            live: {
                a_wait_ends_when_the_position_is_reached
                a_wait_follows_the_version_that_readers_use
                a_wait_ends_in_another_log
            }
            requests: {
                a_request_is_stored_until_it_is_closed
                requests_without_a_target_are_not_stored
                a_rebuild_empties_the_read_model
                a_rebuild_is_carried_out_once
                a_rebuild_fences_other_runners
                a_rebuild_of_an_unused_version_is_unseen
                the_engine_carries_out_requests
                dropped_versions_have_no_requests
            }
            concurrency: {
                readers_see_checkpoint_and_model_together
            }
        }
    };
}

/// A behavior of read model stores that can be checked outside of a `#[test]` function.
pub type Behavior = crate::Behavior<dyn ReadModelFactory>;

/// All behaviors of read model stores.
pub const BEHAVIORS: &[Behavior] = __read_model_behaviors!([behavior_table]);

#[cfg(test)]
mod tests {
    use crate::behavior::expect_all_listed;

    #[test]
    fn every_behavior_is_listed() {
        expect_all_listed("read_model", "ReadModelFactory", super::BEHAVIORS);
    }
}
