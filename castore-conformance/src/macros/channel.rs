/// Generates tests of a queue adapter: one test per behavior of [`channel`](crate::channel) and kind of message, all
/// using the given [`QueueFactory`].
///
/// The first argument is the order of the channels: `unordered`, or `per_aggregate` for adapters that keep the order of
/// each aggregate. `per_aggregate` runs the same tests as `unordered` on ordered channels, and additional tests of the
/// order. The tests are `#[test]` functions in a module `unordered_queue_conformance` or
/// `per_aggregate_queue_conformance`. Each test evaluates the factory expression separately, in an async context.
///
/// ```ignore
/// castore_conformance::queue_conformance!(unordered, MyQueues::default());
/// castore_conformance::queue_conformance!(per_aggregate, MyQueues::default());
/// // With a module name, for several adapters in one file:
/// castore_conformance::queue_conformance!(mod fifo, per_aggregate, MyFifoQueues);
/// ```
///
/// [`QueueFactory`]: crate::channel::QueueFactory
#[macro_export]
macro_rules! queue_conformance {
    (unordered, $factory:expr $(,)?) => {
        $crate::queue_conformance!(mod unordered_queue_conformance, unordered, $factory);
    };
    (per_aggregate, $factory:expr $(,)?) => {
        $crate::queue_conformance!(mod per_aggregate_queue_conformance, per_aggregate, $factory);
    };
    (mod $module:ident, unordered, $factory:expr $(,)?) => {
        $crate::__channel_tests! { $module [$factory] [AsQueue]
            aggregate_exists: AggregateExistsQueue [any]
            notification: NotificationQueue [any events volume queue_events]
            state_carrying: StateCarryingQueue [any events queue_events]
        }
    };
    (mod $module:ident, per_aggregate, $factory:expr $(,)?) => {
        $crate::__channel_tests! { $module [$factory] [AsQueue]
            aggregate_exists: OrderedAggregateExistsQueue [any ordered]
            notification: OrderedNotificationQueue [any events volume ordered queue_events]
            state_carrying: OrderedStateCarryingQueue [any events ordered queue_events]
        }
    };
}

/// Generates tests of a bus adapter: one test per behavior of [`channel`](crate::channel) and kind of message, all
/// using the given [`BusFactory`]. The arguments are the same as for [`queue_conformance!`](crate::queue_conformance).
///
/// ```ignore
/// castore_conformance::bus_conformance!(unordered, MyBuses::default());
/// castore_conformance::bus_conformance!(per_aggregate, MyBuses::default());
/// ```
///
/// [`BusFactory`]: crate::channel::BusFactory
#[macro_export]
macro_rules! bus_conformance {
    (unordered, $factory:expr $(,)?) => {
        $crate::bus_conformance!(mod unordered_bus_conformance, unordered, $factory);
    };
    (per_aggregate, $factory:expr $(,)?) => {
        $crate::bus_conformance!(mod per_aggregate_bus_conformance, per_aggregate, $factory);
    };
    (mod $module:ident, unordered, $factory:expr $(,)?) => {
        $crate::__channel_tests! { $module [$factory] [AsBus]
            aggregate_exists: AggregateExistsBus [any bus]
            notification: NotificationBus [any events volume bus bus_events]
            state_carrying: StateCarryingBus [any events bus bus_events]
        }
    };
    (mod $module:ident, per_aggregate, $factory:expr $(,)?) => {
        $crate::__channel_tests! { $module [$factory] [AsBus]
            aggregate_exists: OrderedAggregateExistsBus [any ordered bus]
            notification: OrderedNotificationBus [any events volume ordered bus bus_events]
            state_carrying: OrderedStateCarryingBus [any events ordered bus bus_events]
        }
    };
}

/// Generates one module per kind of message, with one test per behavior of the named groups of behaviors.
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_tests {
    ($module:ident $factory:tt $subject:tt $($kind:ident: $channel:ident [$($set:ident)*])*) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports, reason = "the factory may be a path of its own")]
            use super::*;
            $(
                mod $kind {
                    #[allow(unused_imports, reason = "the factory may be a path of its own")]
                    use super::*;
                    $($crate::__channel_behaviors! { $set $factory $subject $channel })*
                }
            )*
        }
    };
}

/// Expands to a test for each behavior of one group. The groups correspond to the kinds of adapters and channels that
/// must have the behaviors.
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_behaviors {
    (any $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory $subject $channel
            delivery::every_message_arrives_once
            delivery::a_batch_arrives_whole
            delivery::a_batch_of_one_arrives
            delivery::an_empty_batch_is_published
            delivery::messages_of_an_aggregate_arrive_in_order
            delivery::concurrent_publishers_lose_nothing
            delivery::any_text_arrives
            delivery::a_message_of_200_kb_arrives
            delivery::a_large_message_arrives_or_is_refused
            delivery::the_same_id_in_two_stores_is_two_messages
            delivery::publishing_does_not_wait_for_the_handler
            replay::handlers_see_the_replay_flag
            replay::replays_are_not_deduplicated
            replay::replays_stay_replays_through_retries
            retries::a_failed_message_is_tried_again
            retries::an_exhausted_message_is_a_dead_letter
            retries::without_retries_a_failure_is_final
            retries::a_permanent_failure_is_not_tried_again
            retries::a_panic_is_a_failure
            retries::an_error_whose_text_panics_is_a_failure
            retries::a_failing_message_does_not_disturb_others
            retries::every_message_ends_handled_or_dead
            retries::handler_failures_do_not_reach_publishers
            shutdown::a_shutdown_handles_pending_messages
            shutdown::a_shutdown_with_a_deadline_drops_handlers_that_hang
            shutdown::publishing_after_a_shutdown_fails
            shutdown::a_second_shutdown_returns
            shutdown::a_shutdown_does_not_wait_for_delays
            shutdown::a_shutdown_drops_handlers
            shutdown::publishers_that_meet_a_shutdown_lose_nothing
            durable::messages_of_a_killed_consumer_are_redelivered
            durable::messages_wait_for_the_next_consumer
            durable::consumers_killed_again_and_again_lose_nothing
            dead_letters::dead_letters_are_listed_and_shown
            dead_letters::a_redriven_message_is_handled_again
            dead_letters::a_redriven_message_can_fail_again
            dead_letters::a_removed_letter_is_gone
            dead_letters::a_redriven_replay_is_a_replay
        }
    };
    (events $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory $subject $channel
            connected::events_of_connected_stores_arrive
            connected::forced_pushes_are_not_deduplicated
            connected::stored_messages_arrive
            context::handlers_continue_the_context_of_events
            context::stored_messages_carry_the_context
            undecodable::an_undecodable_message_is_a_dead_letter_after_its_attempts
            undecodable::an_undecodable_message_does_not_disturb_others
            dead_letters::an_undecodable_letter_is_shown
            unwritable::a_message_that_is_no_json_is_refused
        }
    };
    (volume $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory $subject $channel
            volume::many_messages_are_all_handled
        }
    };
    (ordered $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory $subject $channel
            order::later_messages_wait_for_a_retry
            order::order_survives_failures_at_random
            order::order_continues_after_a_dead_letter
            order::concurrent_publishers_keep_their_order
        }
    };
    (bus $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory [] $channel
            bus::every_listener_gets_every_message
            bus::publishing_without_listeners_succeeds
            bus::store_filters_pass_their_store
            bus::replays_reach_only_subscribed_listeners
            bus::several_filters_call_a_listener_once
            bus::only_the_failing_listener_is_called_again
            bus::a_slow_listener_holds_up_no_other
            bus::a_later_listener_gets_later_messages
            dead_letters::a_redriven_message_reaches_its_listener_only
        }
    };
    (bus_events $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory [] $channel
            bus::event_type_filters_pass_their_types
            undecodable::an_unknown_type_concerns_store_wide_listeners_only
        }
    };
    (queue_events $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory [] $channel
            undecodable::an_unknown_type_that_no_filter_names_is_ignored
            undecodable::an_unknown_type_is_a_dead_letter_of_store_wide_listeners
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __channel_test {
    ($factory:tt $subject:tt $channel:ident $($topic:ident::$behavior:ident)*) => {
        $($crate::__channel_test! { @one $factory $subject $channel $topic $behavior })*
    };
    // Behaviors that apply only to queues or only to buses take the factory itself, without a wrapper.
    (@one [$factory:expr] [] $channel:ident $topic:ident $behavior:ident) => {
        #[test]
        fn $behavior() {
            $crate::__private::run(async {
                $crate::channel::$topic::$behavior::<$crate::channel::channels::$channel, _>(&$factory).await;
            });
        }
    };
    (@one [$factory:expr] [$subject:ident] $channel:ident $topic:ident $behavior:ident) => {
        #[test]
        fn $behavior() {
            $crate::__private::run(async {
                let subject = $crate::channel::$subject($factory);
                $crate::channel::$topic::$behavior::<$crate::channel::channels::$channel>(&subject).await;
            });
        }
    };
}
