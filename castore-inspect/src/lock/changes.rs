/// A difference between the lock and the program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The effect of the change on stored events and on other programs.
    pub class: Class,
    /// A text that says what has changed.
    pub fact: String,
    /// The effect of the change or the recommended action. Empty if no action is needed.
    pub remedy: String,
}

/// The effect of a change on stored events and on other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The current program and older programs can read everything that is stored and sent.
    Compatible,
    /// The current program can read everything, but older programs cannot read everything that the current program
    /// writes. Deploy the current version to all programs that read before it runs in a program that writes.
    ReadersFirst,
    /// The current program cannot read some of the stored events. These events need a conversion (an upcaster).
    NeedsUpcaster,
    /// The current program no longer finds stored data, can no longer read stored data that cannot be converted, or no
    /// longer sends what its consumers expect.
    Breaking,
}

impl Class {
    /// Returns whether the current program reads everything that is stored, and sends what its consumers expect.
    pub(super) fn is_readable(self) -> bool {
        self < Self::NeedsUpcaster
    }

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

    pub(super) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// Returns whether the current program reads everything that is stored, and sends what its consumers expect.
    pub(super) fn are_readable(&self) -> bool {
        self.0.iter().all(|change| change.class.is_readable())
    }

    /// Returns the changes, the most severe first.
    pub(super) fn sorted(mut self) -> Vec<Change> {
        self.0.sort_by_key(|change| std::cmp::Reverse(change.class));
        self.0
    }
}
