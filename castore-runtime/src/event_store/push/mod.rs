//! Push requests.

mod finishing;
mod group;
mod group_element;
mod prepared;
mod push_event;
mod pushed;
mod safe_integers;
mod within;

pub use group::{EventGroup, Grouped, GroupedEvent, PushEventGroup, push_event_group};
pub use push_event::PushEvent;
pub use pushed::PushedEvent;
pub use within::PushWithin;
