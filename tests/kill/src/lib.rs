//! A program that pushes, relays or counts events, depending on its arguments. The tests of this package run several
//! processes of this program on one storage, and kill and pause the processes at random.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod broker;
mod domain;
mod folder;
mod parent;
mod place;
mod projection;
mod relay;
mod role;
mod transactor;
mod writer;

pub use broker::Sent;
pub use domain::{POISONED, POISONED_VERSION, STORES};
pub use folder::{Folder, Line};
pub use place::{Place, Storage, database_url};
pub use projection::{APPLIED, COUNTS, TOTALS};
pub use relay::{BATCH, LEASE, RELAY};
pub use role::{Arguments, Role, Where};
pub use transactor::ROWS;

/// Runs the program until it is killed or its parent ends.
pub async fn run() {
    parent::end_with_it();
    let arguments = Arguments::of_process();
    match &arguments.place {
        Place::Sqlite(path) => {
            let storage = Place::open_sqlite(path).await;
            match arguments.role {
                Role::Writer => writer::write(&arguments, storage).await,
                Role::Transactor => transactor::run_sqlite(&arguments, storage).await,
                Role::Relay => relay::relay(&arguments, storage).await,
                Role::Projection { version, place } => {
                    projection::run_sqlite(&arguments, version, place, storage).await;
                }
            }
        }
        Place::Postgres(schema) => {
            let storage = Place::open_postgres(schema, &arguments.role.to_string()).await;
            match arguments.role {
                Role::Writer => writer::write(&arguments, storage).await,
                Role::Transactor => transactor::run_postgres(&arguments, storage).await,
                Role::Relay => relay::relay(&arguments, storage).await,
                Role::Projection { version, .. } => projection::run_postgres(&arguments, version, storage).await,
            }
        }
    }
}
