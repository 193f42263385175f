use std::fmt;
use std::str::FromStr;

use crate::{Folder, Place};

/// The role of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Pushes events.
    Writer,
    /// Stores rows of the program and events in one transaction.
    Transactor,
    /// Publishes the events.
    Relay,
    /// Counts the events in a read model.
    Projection {
        /// The version of the read model.
        version: u32,
        /// The location of the read model.
        place: Where,
    },
}

/// The location of a read model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In the database of the events.
    BesideEvents,
    /// In a separate database.
    Elsewhere,
}

const ROLES: [(&str, Role); 7] = [
    ("writer", Role::Writer),
    ("transactor", Role::Transactor),
    ("relay", Role::Relay),
    ("counts-1", Role::Projection { version: 1, place: Where::BesideEvents }),
    ("counts-2", Role::Projection { version: 2, place: Where::BesideEvents }),
    ("counts-1-elsewhere", Role::Projection { version: 1, place: Where::Elsewhere }),
    ("counts-2-elsewhere", Role::Projection { version: 2, place: Where::Elsewhere }),
];

impl Role {
    /// Returns whether the process stores events.
    pub fn writes(self) -> bool {
        matches!(self, Self::Writer | Self::Transactor)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ROLES.iter().find(|(_, role)| role == self).map(|(name, _)| *name);
        formatter.write_str(name.ok_or(fmt::Error)?)
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let role = ROLES.iter().find(|(name, _)| *name == text).map(|(_, role)| *role);
        role.ok_or_else(|| format!("no role {text:?}"))
    }
}

/// The arguments of the program.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// The role of the process.
    pub role: Role,
    /// The name of the process.
    pub name: String,
    /// The location of the events.
    pub place: Place,
    /// The files that the processes share.
    pub folder: Folder,
    /// The seed of all random decisions of the process.
    pub seed: u64,
}

impl Arguments {
    /// Returns the command-line arguments.
    pub fn to_vec(&self) -> Vec<String> {
        vec![
            self.role.to_string(),
            self.name.clone(),
            self.place.to_string(),
            self.folder.path().display().to_string(),
            self.seed.to_string(),
        ]
    }

    /// Returns the owner of the lease. A process that is started again after a kill is a different owner.
    pub fn owner(&self) -> String {
        format!("{} ({})", self.name, self.seed)
    }

    pub(crate) fn of_process() -> Self {
        let mut arguments = std::env::args().skip(1);
        let mut next = |what: &str| arguments.next().unwrap_or_else(|| panic!("{what} is missing"));
        Self {
            role: next("the role").parse().unwrap(),
            name: next("the name"),
            place: next("the place").parse().unwrap(),
            folder: Folder::new(next("the folder")),
            seed: next("the seed").parse().unwrap(),
        }
    }
}
