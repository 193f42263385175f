//! Common parts of all message consumers.

mod attempt;
mod channel_filter;
mod classified;
mod context;
mod dead_letter;
mod dead_letters;
mod event_subset;
mod filter;
mod filter_pattern;
mod handle;
mod handler_error;
mod handler_state;
mod in_flight;
mod in_order;
mod listeners;
mod message_handler;
mod received;
mod retry_policy;
mod setup;
mod status;
mod undecodable;
mod undecoded;

pub use attempt::HandlingOutcome;
#[doc(hidden)]
pub use attempt::{Call, attempt, attempt_undecodable, log_given_up};
pub use channel_filter::ChannelFilter;
pub use classified::classified;
pub use context::MessageContext;
#[doc(hidden)]
pub use dead_letter::record_dead_letter;
pub use dead_letter::{DeadLetter, DeadLetterContent, DeadLetterHook};
pub use dead_letters::{DeadLetters, DeadLettersError, StoredDeadLetter};
#[doc(hidden)]
pub use event_subset::clone_of;
pub use event_subset::{EventSubset, EventSubsetOf, NarrowedMessage, SubsetFilter};
pub use filter::{AnyStore, EventTypeFilter, EventTypeOf, Filter};
pub use filter_pattern::FilterPattern;
#[doc(hidden)]
pub use handle::ABORT_TIMEOUT;
pub use handle::{ConsumerError, ConsumerHandle, ConsumerTasks};
pub use handler_error::{ClassifyError, FailureAction, HandlerError};
pub use handler_state::HandlerState;
pub use in_flight::{DueMessages, InFlightMessage, InFlightMessages};
pub use in_order::{InOrder, in_order};
pub use listeners::Listeners;
pub use message_handler::MessageHandler;
pub use received::ReceivedMessage;
pub use retry_policy::{InvalidRetryPolicyError, RetryPolicy};
pub use setup::{ConsumerResource, ConsumerSetup, ConsumerSetupError, ResourceChange};
pub use status::ConsumerStatus;
#[doc(hidden)]
pub use status::Counters;
pub use undecodable::UndecodableMessage;
#[doc(hidden)]
pub use undecoded::UndecodedMessage;
