//! The lock as a file.

use std::io;
use std::path::{Path, PathBuf};

use castore_core::wiring::Wiring;

use super::changes::Change;
use super::report::{opaque_types, report};
use super::samples::Samples;
use super::{changes, lock_text};

/// A mode that determines which changes are accepted. The lock is written only if all changes are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockMode {
    /// Accepts no changes.
    Check,
    /// Accepts changes that are compatible, or compatible if readers are deployed first.
    Update,
    /// Accepts all changes.
    Force,
}

impl LockMode {
    /// Reads the mode from the environment variable `CASTORE_LOCK`. Continuous integration must never write the lock:
    /// if `CI` is set, the variable is ignored.
    pub fn from_env() -> Self {
        Self::of(std::env::var("CASTORE_LOCK").ok().as_deref(), std::env::var_os("CI").is_some())
    }

    pub(super) fn of(value: Option<&str>, is_ci: bool) -> Self {
        match value {
            _ if is_ci => Self::Check,
            Some("update") => Self::Update,
            Some("force") => Self::Force,
            _ => Self::Check,
        }
    }

    fn accepts(self, changes: &[Change]) -> bool {
        match self {
            Self::Check => false,
            Self::Update => changes.iter().all(|change| change.class.is_readable()),
            Self::Force => true,
        }
    }
}

/// An error of checking a program against its lock: the program differs from the lock, or a file or a sample is
/// invalid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The program has changed. The text of the error is the [report](super::report()).
    #[error("{report}")]
    Changed {
        /// The changes, the most severe first.
        changes: Vec<Change>,
        /// The changes as text.
        report: String,
    },
    /// There is no lock yet.
    #[error("there is no lock file {}; run `CASTORE_LOCK=update cargo test` to create it", path.display())]
    Missing {
        /// The path of the lock.
        path: PathBuf,
    },
    /// Some event types have no sample.
    #[error("add samples of these event types to `Samples`: {}", event_types.join(", "))]
    NoSamples {
        /// The event types without a sample, each with the id of its store.
        event_types: Vec<String>,
    },
    /// A sample cannot be stored.
    #[error("the sample of event {event_type} cannot be stored")]
    Sample {
        /// The event type of the sample, with the id of its store.
        event_type: String,
        /// The reason why the sample cannot be stored.
        source: castore_core::event::EncodeEventError,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// The action that failed: `read` or `write`.
        action: &'static str,
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system, or the reason why the content is invalid.
        source: io::Error,
    },
}

impl LockError {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { action: "read", path, source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { action: "write", path, source }
    }
}

/// Compares a program with its lock, and the samples of the program with the sample files. If `mode` accepts the
/// changes, writes the lock and the new sample files. [`locked!`](crate::locked) calls this function.
///
/// # Errors
/// * [`LockError::Changed`]: there are changes that `mode` does not accept.
/// * [`LockError::Missing`]: there is no lock, and `mode` does not allow creating it.
/// * [`LockError::NoSamples`], [`LockError::Sample`]: samples are missing, or cannot be stored.
/// * [`LockError::File`]: a file cannot be read or written.
pub fn check<W: Wiring>(path: &Path, samples: &Samples, mode: LockMode) -> Result<(), LockError> {
    let now = lock_text::<W>();
    let before = match std::fs::read_to_string(path) {
        Ok(before) => Some(before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(LockError::read(path)(error)),
    };
    let folder = path.with_extension("samples");
    let mut found = before.as_deref().map(|before| changes(before, &now)).unwrap_or_default();
    let new_samples = samples.compare::<W>(&folder, &mut found)?;
    found.sort_by_key(|change| std::cmp::Reverse(change.class));
    let is_same = before.as_deref().is_some_and(|before| before.lines().eq(now.lines()));
    if is_same && found.is_empty() {
        return Ok(());
    }
    if mode.accepts(&found) {
        std::fs::write(path, &now).map_err(LockError::write(path))?;
        return new_samples.into_iter().try_for_each(|sample| sample.write());
    }
    if before.is_none() {
        return Err(LockError::Missing { path: path.to_owned() });
    }
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut report = report(&file, &found);
    let opaque = opaque_types(&now);
    if !opaque.is_empty() {
        report.push_str("\n\nthe content of these types is not compared; add `#[derive(Shape)]` to them:\n  ");
        report.push_str(&opaque.join("\n  "));
    }
    Err(LockError::Changed { changes: found, report })
}

#[cfg(test)]
mod tests {
    use super::LockMode;

    #[test]
    fn lock_is_not_written_in_continuous_integration() {
        assert_eq!(LockMode::of(Some("update"), false), LockMode::Update);
        assert_eq!(LockMode::of(Some("force"), false), LockMode::Force);
        assert_eq!(LockMode::of(Some("force"), true), LockMode::Check);
        assert_eq!(LockMode::of(Some("yes"), false), LockMode::Check);
        assert_eq!(LockMode::of(None, false), LockMode::Check);
    }
}
