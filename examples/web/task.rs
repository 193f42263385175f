//! The event store of tasks.

use castore::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskEvent {
    Added { title: String },
    Done,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TASKS", event = TaskEvent)]
pub struct Task {
    pub title: String,
    pub is_done: bool,
}

impl Reducer for Task {
    fn reduce(task: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (task, &event.payload) {
            (None, TaskEvent::Added { title }) => Ok(Self { title: title.clone(), is_done: false }),
            (Some(task), TaskEvent::Done) if !task.is_done => Ok(Self { is_done: true, ..task }),
            _ => Err(event.unexpected()),
        }
    }
}

message_channel! {
    pub type TaskBus = NotificationMessageBus<Task>;
}
