use super::TransactionFactory;
use crate::behavior::behavior_table;

/// The list of all behaviors, from which both the tests and [`BEHAVIORS`] are generated.
#[doc(hidden)]
#[macro_export]
macro_rules! __transaction_behaviors {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            ends: {
                a_commit_stores_events_and_rows
                a_rollback_stores_nothing
                a_dropped_transaction_stores_nothing
                nothing_is_read_before_the_commit
                the_log_reads_committed_events
            }
            conflicts: {
                a_transaction_continues_after_a_conflict
                a_transaction_continues_after_a_gap
                a_group_with_a_conflict_leaves_nothing
                an_event_of_the_same_transaction_is_a_conflict
                events_of_another_storage_are_rejected
            }
            versions: {
                pushes_of_a_transaction_follow_each_other
                a_version_is_free_after_a_rollback
                an_ordinary_push_follows_a_commit
                a_group_is_stored_in_any_order
                gaps_can_be_allowed
                a_replacement_takes_effect_with_the_commit
            }
            reads: {
                a_read_sees_the_events_of_its_transaction
                a_read_of_an_unknown_aggregate_is_empty
                a_read_after_a_conflict_sees_the_transaction
                a_read_does_not_see_other_open_transactions
                reads_of_another_storage_are_rejected
            }
            property: {
                rows_events_and_log_agree
            }
        }
    };
}

/// A behavior of pushes in transactions that can be checked outside of a `#[test]` function.
pub type Behavior = crate::Behavior<dyn TransactionFactory>;

/// All behaviors of pushes in transactions.
pub const BEHAVIORS: &[Behavior] = __transaction_behaviors!([behavior_table]);

#[cfg(test)]
mod tests {
    use crate::behavior::expect_all_listed;

    #[test]
    fn every_behavior_is_listed() {
        expect_all_listed("transactions", "TransactionFactory", super::BEHAVIORS);
    }
}
