use super::InboxFactory;
use crate::behavior::behavior_table;

/// The list of all behaviors, from which both the tests and [`BEHAVIORS`] are generated.
#[doc(hidden)]
#[macro_export]
macro_rules! __inbox_behaviors {
    ([$($callback:tt)*] $($arguments:tt)*) => {
        $($callback)*! {
            $($arguments)*
            first_time: {
                the_first_commit_is_the_first_time
                a_rollback_leaves_no_record
                a_message_is_first_once_per_transaction
                many_messages_are_handled_in_one_transaction
            }
            identity: {
                store_aggregate_and_version_identify_a_message
                consumers_are_independent
                a_message_without_version_is_version_0
                kind_and_content_do_not_count
                great_versions_are_recorded
            }
            concurrency: {
                one_of_many_handlers_is_the_first
                consumers_do_not_disturb_each_other
            }
            forgetting: {
                old_records_are_deleted
                other_consumers_keep_their_records
                extreme_ages_are_accepted
                a_new_record_stays
            }
            hostile: {
                any_text_is_an_id
                long_ids_are_recorded
                unsupported_data_is_rejected_without_showing_it
            }
            table: {
                a_missing_table_is_reported
                the_table_is_created_by_many
                an_existing_table_is_kept
            }
        }
    };
}

/// A behavior of inboxes that can be checked outside of a `#[test]` function.
pub type Behavior = crate::Behavior<dyn InboxFactory>;

/// All behaviors of inboxes.
pub const BEHAVIORS: &[Behavior] = __inbox_behaviors!([behavior_table]);

#[cfg(test)]
mod tests {
    use crate::behavior::expect_all_listed;

    #[test]
    fn every_behavior_is_listed() {
        expect_all_listed("inbox", "InboxFactory", super::BEHAVIORS);
    }
}
