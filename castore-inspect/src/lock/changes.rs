/// A difference between the lock and the program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What the change means for stored events and for other programs.
    pub class: Class,
    /// What has changed.
    pub fact: String,
    /// The reason of the class and what to do. Empty if nothing is to be done.
    pub remedy: String,
}

/// What a change means for stored events and for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// This program and older ones read everything.
    Compatible,
    /// This program reads everything, but older programs do not read what it writes.
    ReadersFirst,
    /// This program cannot read events that are stored: they need a conversion.
    NeedsUpcaster,
    /// What is stored or sent under a name is not found anymore.
    Breaking,
}

impl Class {
    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::ReadersFirst => "compatible if readers are deployed first",
            Self::NeedsUpcaster => "needs an upcaster",
            Self::Breaking => "breaking",
        }
    }
}

/// The changes that were found so far.
#[derive(Default)]
pub(super) struct Changes(Vec<Change>);

impl Changes {
    pub(super) fn add(&mut self, class: Class, fact: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Change { class, fact: fact.into(), remedy: remedy.into() });
    }

    /// Returns the changes, the gravest first.
    pub(super) fn sorted(mut self) -> Vec<Change> {
        self.0.sort_by_key(|change| std::cmp::Reverse(change.class));
        self.0
    }
}
