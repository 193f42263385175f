//! The creation and connection of the parts: one file, two event stores, two message channels.

use std::path::Path;

use castore::prelude::*;
use castore::sqlite::OpenError;

use crate::backup::Backup;
use crate::channels::{AppBus, BackupQueue, BackupQueueSources};
use crate::pokemon::Pokemon;
use crate::read_model::Pokedex;
use crate::trainer::Trainer;

/// A store that publishes on the bus.
pub type Announced<S> = ConnectedEventStore<S, AppBus>;

/// A store that publishes on the bus, then on the backup queue.
pub type BackedUp<S> = ConnectedEventStore<S, BackupQueue>;

pub struct World {
    storage: SqliteEventStorageAdapter,
    pub app_bus: AppBus,
    pub listener: InMemoryMessageBusAdapter<AppBus>,
    queue: InMemoryMessageQueueAdapter<BackupQueue>,
    /// The event store for imported pokémon events. It publishes them on the bus only, so they are not backed up.
    pub announced_pokemons: Announced<Pokemon>,
    pub announced_trainers: Announced<Trainer>,
    pub pokemons: BackedUp<Pokemon>,
    pub trainers: BackedUp<Trainer>,
    pub backup: Backup,
}

impl World {
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let storage = SqliteEventStorageAdapter::open(path).await?;
        let pokemons = EventStore::<Pokemon>::new(storage.clone());
        let trainers = EventStore::<Trainer>::new(storage.clone());

        let app_bus = AppBus::new();
        let listener = InMemoryMessageBusAdapter::attach_to(&app_bus);
        let announced_pokemons = pokemons.connect(app_bus.clone());
        let announced_trainers = trainers.connect(app_bus.clone());

        let backup_queue = BackupQueue::new(BackupQueueSources { pokemon: pokemons, trainer: trainers });
        let queue = InMemoryMessageQueueAdapter::attach_to(&backup_queue);
        let backup = Backup::work_for(&queue);

        Ok(Self {
            storage,
            app_bus,
            listener,
            queue,
            pokemons: announced_pokemons.connect(backup_queue.clone()),
            trainers: announced_trainers.connect(backup_queue),
            announced_pokemons,
            announced_trainers,
            backup,
        })
    }

    /// Creates a separate bus with a Pokédex as its only listener.
    pub fn separate_pokedex() -> (AppBus, InMemoryMessageBusAdapter<AppBus>, Pokedex) {
        let app_bus = AppBus::new();
        let listener = InMemoryMessageBusAdapter::attach_to(&app_bus);
        let pokedex = Pokedex::listen_to(&listener);
        (app_bus, listener, pokedex)
    }

    /// Waits until all published messages are handled.
    pub async fn idle(&self) {
        self.listener.idle().await;
        self.queue.idle().await;
    }

    pub async fn shutdown(&self) {
        self.listener.shutdown().await;
        self.queue.shutdown().await;
        self.storage.shutdown().await;
    }
}
