//! The read model: the tasks that are not done.

use castore::prelude::*;
use castore::sqlite::projection::{ReadModel, SqliteProjection, Tables, Transaction};
use castore::sqlite::rusqlite;

use crate::task::{Task, TaskEvent};

pub struct OpenTasks;

impl ReadModel for OpenTasks {
    const NAME: &'static str = "open_tasks";
    const VERSION: u32 = 1;
    type Event = EventDetail<Task>;
}

impl SqliteProjection for OpenTasks {
    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()> {
        transaction.execute_batch(&format!("CREATE TABLE {tables} (id TEXT PRIMARY KEY, title TEXT NOT NULL)"))
    }

    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, event: &Self::Event) -> Result<(), HandlerError> {
        let id = &event.aggregate_id;
        match &event.payload {
            TaskEvent::Added { title } => {
                transaction.execute(&format!("INSERT INTO {tables} VALUES (?1, ?2)"), [id, title])?
            }
            TaskEvent::Done => transaction.execute(&format!("DELETE FROM {tables} WHERE id = ?1"), [id])?,
        };
        Ok(())
    }
}
