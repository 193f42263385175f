use std::fmt;
use std::str::FromStr;

use crate::{Folder, Place, Storage, relay, writer};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Pushes events.
    Writer,
    /// Publishes them.
    Relay,
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Writer => "writer",
            Self::Relay => "relay",
        })
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Writer, Self::Relay]
            .into_iter()
            .find(|role| role.to_string() == text)
            .ok_or_else(|| format!("no role {text:?}"))
    }
}

/// What the program is told.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// What to do.
    pub role: Role,
    /// The name of the process: the owner of the lease, for one.
    pub name: String,
    /// Where the events are.
    pub place: Place,
    /// What the processes share beside.
    pub folder: Folder,
    /// Of all that the process does at random.
    pub seed: u64,
}

impl Arguments {
    /// As they are given to a process.
    pub fn to_vec(&self) -> Vec<String> {
        vec![
            self.role.to_string(),
            self.name.clone(),
            self.place.to_string(),
            self.folder.path().display().to_string(),
            self.seed.to_string(),
        ]
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

pub(crate) async fn play(arguments: &Arguments, storage: impl Storage) {
    match arguments.role {
        Role::Writer => writer::write(arguments, storage).await,
        Role::Relay => relay::relay(arguments, storage).await,
    }
}
