/// Writes one test per behaviour of [`channel`](crate::channel) and kind of message, all against the [`QueueFactory`]
/// given.
///
/// The first word is the order of the channels: `unordered`, or `per_aggregate` for adapters that keep it, which have
/// to do all that unordered ones do and more. The tests are plain `#[test]` functions in a module
/// `unordered_queue_conformance` or `per_aggregate_queue_conformance`; the factory expression is evaluated anew in
/// each, in an async context.
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
            notification: NotificationQueue [any events volume]
            state_carrying: StateCarryingQueue [any events]
        }
    };
    (mod $module:ident, per_aggregate, $factory:expr $(,)?) => {
        $crate::__channel_tests! { $module [$factory] [AsQueue]
            aggregate_exists: OrderedAggregateExistsQueue [any ordered]
            notification: OrderedNotificationQueue [any events volume ordered]
            state_carrying: OrderedStateCarryingQueue [any events ordered]
        }
    };
}

/// Writes one test per behaviour of [`channel`](crate::channel) and kind of message, all against the [`BusFactory`]
/// given. As [`queue_conformance!`](crate::queue_conformance), for buses.
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

/// A module per kind of message, in it a test per behaviour of the sets that are named.
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
                    $($crate::__channel_behaviours! { $set $factory $subject $channel })*
                }
            )*
        }
    };
}

/// All behaviours, by what an adapter or its channel must be to have them.
#[doc(hidden)]
#[macro_export]
macro_rules! __channel_behaviours {
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
            replay::handlers_are_told_of_replays
            replay::a_replay_is_no_duplicate
            replay::replays_stay_replays_through_retries
            retries::a_failed_message_is_tried_again
            retries::an_exhausted_message_is_a_dead_letter
            retries::without_retries_a_failure_is_final
            retries::a_permanent_failure_is_not_tried_again
            retries::a_panic_is_a_failure
            retries::an_error_whose_text_panics_is_a_failure
            retries::a_failing_message_does_not_disturb_others
            retries::every_message_ends_handled_or_dead
            retries::publishers_do_not_hear_of_failures
            shutdown::a_shutdown_handles_what_is_there
            shutdown::a_shutdown_with_a_deadline_drops_handlers_that_hang
            shutdown::publishing_after_a_shutdown_fails
            shutdown::shutting_down_twice_is_fine
            shutdown::a_shutdown_does_not_wait_for_delays
            shutdown::a_shutdown_lets_go_of_handlers
            shutdown::publishers_that_meet_a_shutdown_lose_nothing
            durable::what_a_killed_consumer_had_comes_again
            durable::messages_wait_for_the_next_consumer
            durable::consumers_killed_again_and_again_lose_nothing
        }
    };
    (events $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory $subject $channel
            connected::what_connected_stores_push_arrives
            connected::what_is_pushed_by_force_is_no_duplicate
            unwritable::a_message_that_is_no_json_is_refused
        }
    };
    (volume $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory $subject $channel
            volume::of_many_messages_none_is_lost
        }
    };
    (ordered $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory $subject $channel
            order::later_messages_wait_for_a_retry
            order::order_survives_failures_at_random
            order::order_goes_on_after_a_dead_letter
            order::concurrent_publishers_keep_their_order
        }
    };
    (bus $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory [] $channel
            bus::every_listener_gets_every_message
            bus::publishing_without_listeners_succeeds
            bus::store_filters_pass_their_store
            bus::replays_reach_those_who_ask
            bus::several_filters_call_a_listener_once
            bus::only_the_failing_listener_is_called_again
            bus::a_slow_listener_holds_up_no_other
            bus::a_later_listener_gets_later_messages
        }
    };
    (bus_events $factory:tt $subject:tt $channel:ident) => {
        $crate::__channel_test! { $factory [] $channel
            bus::event_type_filters_pass_their_types
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __channel_test {
    ($factory:tt $subject:tt $channel:ident $($topic:ident::$behaviour:ident)*) => {
        $($crate::__channel_test! { @one $factory $subject $channel $topic $behaviour })*
    };
    // Behaviours of buses alone take the factory as it is.
    (@one [$factory:expr] [] $channel:ident $topic:ident $behaviour:ident) => {
        #[test]
        fn $behaviour() {
            $crate::__private::run(async {
                $crate::channel::$topic::$behaviour::<$crate::channel::channels::$channel, _>(&$factory).await;
            });
        }
    };
    (@one [$factory:expr] [$subject:ident] $channel:ident $topic:ident $behaviour:ident) => {
        #[test]
        fn $behaviour() {
            $crate::__private::run(async {
                let subject = $crate::channel::$subject($factory);
                $crate::channel::$topic::$behaviour::<$crate::channel::channels::$channel>(&subject).await;
            });
        }
    };
}
