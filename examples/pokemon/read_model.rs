//! The Pokédex: a read model that is fed by a listener of the bus.
//!
//! A message may be delivered twice, because of a replay or a retry. If two writers push events of an aggregate,
//! messages may be delivered in another order than the events were stored. Each message sets a separate entry, so
//! neither duplicates nor the order matter.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use castore::prelude::*;

use crate::channels::{AppBus, AppBusMessage};
use crate::pokemon::{CaughtByTrainer, PokemonEvent};
use crate::trainer::TrainerEvent;

#[derive(Debug, Clone, Default)]
pub struct Pokedex(Arc<Mutex<Entries>>);

#[derive(Debug, Default, PartialEq)]
struct Entries {
    /// Names by pokémon id.
    pokemons: BTreeMap<String, String>,
    /// Trainer ids by pokémon id.
    caught: BTreeMap<String, String>,
    /// Names by trainer id.
    trainers: BTreeMap<String, String>,
}

impl Pokedex {
    /// Creates a Pokédex that receives all events of a bus, including replayed ones.
    pub fn listen_to(listener: &InMemoryMessageBusAdapter<AppBus>) -> Self {
        let pokedex = Self::default();
        let listening = pokedex.clone();
        listener.on(Filter::all().on_replay(true), move |message, _context| {
            listening.enter(&message);
            async { Ok(()) }
        });
        pokedex
    }

    fn enter(&self, message: &AppBusMessage) {
        let mut entries = self.entries();
        match message {
            AppBusMessage::Pokemon(NotificationMessage { event }) => {
                let pokemon_id = event.aggregate_id.clone();
                match &event.payload {
                    PokemonEvent::Appeared { name, .. } => entries.pokemons.insert(pokemon_id, name.clone()),
                    PokemonEvent::Caught(CaughtByTrainer { trainer_id }) => {
                        entries.caught.insert(pokemon_id, trainer_id.clone())
                    }
                    PokemonEvent::LeveledUp => None,
                };
            }
            AppBusMessage::Trainer(NotificationMessage { event }) => {
                if let TrainerEvent::GameStarted { trainer_name } = &event.payload {
                    entries.trainers.insert(event.aggregate_id.clone(), trainer_name.clone());
                }
            }
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns three numbers: pokémons seen, pokémons caught, and trainers.
    pub fn counts(&self) -> (usize, usize, usize) {
        let entries = self.entries();
        (entries.pokemons.len(), entries.caught.len(), entries.trainers.len())
    }

    /// Returns whether this Pokédex and `other` have the same content.
    pub fn agrees_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || *self.entries() == *other.entries()
    }
}

/// The maximum number of kinds of pokémon that are printed.
const KINDS: usize = 12;

impl fmt::Display for Pokedex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries();
        let mut kinds: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
        for (pokemon_id, name) in &entries.pokemons {
            let (seen, trainers) = kinds.entry(name).or_default();
            *seen += 1;
            if let Some(trainer_id) = entries.caught.get(pokemon_id) {
                trainers.push(entries.trainers.get(trainer_id).map_or("unknown trainer", String::as_str));
            }
        }
        for (kind, (seen, trainers)) in kinds.iter().take(KINDS) {
            let caught = match trainers.as_slice() {
                [] => "not caught yet".to_owned(),
                [one] => format!("caught by {one}"),
                [one, others @ ..] => format!("caught by {one} and {} more", others.len()),
            };
            writeln!(formatter, "  {kind:<12} seen {seen}, {caught}")?;
        }
        match kinds.len().saturating_sub(KINDS) {
            0 => Ok(()),
            others => writeln!(formatter, "  and {others} more kinds"),
        }
    }
}
