//! A program that pushes events, relays them or counts them, as it is told: the tests of this package run several of it
//! on one storage, and kill and pause them at random.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod broker;
mod domain;
mod folder;
mod parent;
mod place;
mod relay;
mod role;
mod writer;

pub use broker::Sent;
pub use domain::{POISONED, POISONED_VERSION, STORES};
pub use folder::{Folder, Line};
pub use place::{Place, Storage, database_url};
pub use relay::{BATCH, LEASE, RELAY};
pub use role::{Arguments, Role};

/// What the program does, until it is killed or its parent ends.
pub async fn run() {
    parent::end_with_it();
    let arguments = Arguments::of_process();
    match &arguments.place {
        Place::Sqlite(path) => role::play(&arguments, Place::open_sqlite(path).await).await,
    }
}
