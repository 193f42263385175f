use super::DeletionFactory;
use crate::behavior::behavior_table;

/// The list of all behaviors, from which both the tests and [`BEHAVIORS`] are generated.
#[doc(hidden)]
#[macro_export]
macro_rules! __deletion_behaviors {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            events: {
                all_events_of_the_aggregate_are_deleted
                events_of_other_aggregates_stay
                deleted_aggregates_are_not_listed
                another_last_version_deletes_nothing
                an_aggregate_without_events_is_not_deleted
                aggregates_with_gaps_are_deleted
                any_text_is_an_aggregate
            }
            snapshots: {
                snapshots_are_deleted_with_the_events
                snapshots_stay_if_nothing_is_deleted
            }
            new_life: {
                version_1_can_be_pushed_again
                the_version_after_a_deleted_one_is_a_gap
                a_deletion_is_a_rewrite
                a_new_aggregate_can_be_deleted_again
            }
            log: {
                readers_continue_after_deleted_events
                the_end_does_not_move_back
                positions_are_not_assigned_again
                the_log_stays_the_same_log
                one_deleted_aggregate_is_not_read
            }
            concurrency: {
                a_concurrent_push_is_not_lost
                only_one_of_many_deletions_deletes
                readers_beside_deletions_miss_nothing
            }
        }
    };
}

/// A behavior of deletions that can be checked outside of a `#[test]` function.
pub type Behavior = crate::Behavior<dyn DeletionFactory>;

/// All behaviors of deletions.
pub const BEHAVIORS: &[Behavior] = __deletion_behaviors!([behavior_table]);

#[cfg(test)]
mod tests {
    use crate::behavior::expect_all_listed;

    #[test]
    fn every_behavior_is_listed() {
        expect_all_listed("deletion", "DeletionFactory", super::BEHAVIORS);
    }
}
