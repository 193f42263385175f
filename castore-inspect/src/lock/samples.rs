//! Samples of events: JSON files that the program must always be able to read.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use castore_core::event::{DecodeEventProblem, EncodeEventError, Event, EventType, check_payload_text, payload_text};
use castore_core::event_sourced::EventSourced;
use castore_core::wiring::Wiring;
use serde_json::value::RawValue;

use super::changes::{Change, Class};
use super::facts::name;
use super::file::LockError;

/// A set of sample events, which [`locked!`](crate::locked) writes to JSON files.
///
/// Each event type of each event store must have at least one sample or sample file. The files are in a folder beside
/// the lock, for example `events.samples/POKEMONS/APPEARED.json`. Existing files are never changed: if a sample differs
/// from all files of its event type, another file is added when the lock is written the next time. The test reads all
/// files. This ensures that the program can still read the events of every earlier version of the program.
pub struct Samples(Option<Vec<StoreSamples>>);

struct StoreSamples {
    store: &'static str,
    event_types: Vec<&'static str>,
    samples: Vec<Sample>,
    read: fn(&str, Option<&str>) -> Result<(), DecodeEventProblem>,
}

struct Sample {
    event_type: &'static str,
    payload: Box<dyn Fn() -> Result<Option<Box<RawValue>>, EncodeEventError>>,
}

/// A sample file to write.
pub(super) struct NewSample {
    path: PathBuf,
    text: String,
}

impl Samples {
    /// Creates an empty set. Add the samples of each event store with [`of`](Self::of).
    pub fn new() -> Self {
        Self(Some(Vec::new()))
    }

    /// Creates a value that switches samples off: the test neither writes nor reads sample files.
    pub fn none() -> Self {
        Self(None)
    }

    /// Adds the samples of an event store.
    #[must_use]
    pub fn of<S: EventSourced>(mut self, events: impl IntoIterator<Item = S::Event>) -> Self {
        let samples = events.into_iter();
        let samples = samples.map(|event| Sample {
            event_type: event.event_type().as_str(),
            payload: Box::new(move || payload_text(&event)),
        });
        self.0.get_or_insert_default().push(StoreSamples {
            store: S::EVENT_STORE_ID,
            event_types: <S::Event as Event>::EventType::ALL.iter().map(|event_type| event_type.as_str()).collect(),
            samples: samples.collect(),
            read: check_payload_text::<S::Event>,
        });
        self
    }

    /// Reads all sample files, and returns the files that must be added. Adds a change for each file that the program
    /// cannot read, and for each event type that has a sample but no file yet.
    pub(super) fn compare<W: Wiring>(
        &self,
        folder: &Path,
        changes: &mut Vec<Change>,
    ) -> Result<Vec<NewSample>, LockError> {
        let Some(stores) = &self.0 else { return Ok(Vec::new()) };
        let mut add =
            |class, fact: String, remedy: &str| changes.push(Change { class, fact, remedy: remedy.to_owned() });
        let (mut missing, mut new) = (Vec::new(), Vec::new());
        for store in W::describe().stores {
            if !stores.iter().any(|samples| samples.store == store.id) {
                missing.extend(store.events.iter().map(|event| format!("{}/{}", store.id, event.name)));
            }
        }
        for samples in stores {
            let folder = folder.join(name(samples.store));
            let written = Written::read_all(&folder)?;
            for file in &written {
                let payload = file.payload.as_deref().map(RawValue::get);
                if let Err(problem) = (samples.read)(&file.event_type, payload) {
                    add(
                        Class::NeedsUpcaster,
                        format!(
                            "event {}/{}: the sample {} cannot be read: {problem}",
                            samples.store, file.event_type, file.name
                        ),
                        "events like it may be stored; keep them readable",
                    );
                }
            }
            for event_type in &samples.event_types {
                let is_written = written.iter().any(|file| file.event_type == *event_type);
                let is_sampled = samples.samples.iter().any(|sample| sample.event_type == *event_type);
                match (is_sampled, is_written) {
                    (false, false) => missing.push(format!("{}/{event_type}", samples.store)),
                    (true, false) => {
                        add(Class::Compatible, format!("event {}/{event_type} has a new sample", samples.store), "");
                    }
                    _ => {}
                }
            }
            new.extend(samples.new_files(&folder, &written)?);
        }
        if missing.is_empty() { Ok(new) } else { Err(LockError::NoSamples { event_types: missing }) }
    }
}

impl Default for Samples {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Samples {
    /// Formats the number of samples per store. The payloads are omitted, because they may be confidential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stores = self.0.iter().flatten().map(|samples| (samples.store, samples.samples.len()));
        formatter.debug_map().entries(stores).finish()
    }
}

impl StoreSamples {
    fn new_files(&self, folder: &Path, written: &[Written]) -> Result<Vec<NewSample>, LockError> {
        let mut new: Vec<NewSample> = Vec::new();
        for sample in &self.samples {
            let event_type = sample.event_type;
            let payload = (sample.payload)().map_err(|source| {
                let event_type = format!("{}/{event_type}", self.store);
                LockError::Sample { event_type, source }
            })?;
            let payload = payload.as_deref().map(RawValue::get);
            let of_type = || written.iter().filter(|file| file.event_type == event_type);
            if of_type().any(|file| file.payload.as_deref().map(RawValue::get) == payload) {
                continue;
            }
            let event_type_json = serde_json::Value::from(event_type);
            let text = match payload {
                Some(payload) => format!("{{\"type\":{event_type_json},\"payload\":{payload}}}\n"),
                None => format!("{{\"type\":{event_type_json}}}\n"),
            };
            let base = name(event_type);
            let mut path = folder.join(format!("{base}.json"));
            let mut number = 2;
            while path.exists() || new.iter().any(|other| other.path == path) {
                path = folder.join(format!("{base}.{number}.json"));
                number += 1;
            }
            new.push(NewSample { path, text });
        }
        Ok(new)
    }
}

impl NewSample {
    pub(super) fn write(self) -> Result<(), LockError> {
        let folder = self.path.parent().map(fs::create_dir_all).transpose();
        folder.and_then(|_| fs::write(&self.path, self.text)).map_err(LockError::write(&self.path))
    }
}

/// A sample file that an earlier run has written.
struct Written {
    name: String,
    event_type: String,
    payload: Option<Box<RawValue>>,
}

impl Written {
    fn read_all(folder: &Path) -> Result<Vec<Self>, LockError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LockError::read(folder)(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(LockError::read(folder))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(Self::read(&path)?);
            }
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(files)
    }

    fn read(path: &Path) -> Result<Self, LockError> {
        let text = fs::read_to_string(path).map_err(LockError::read(path))?;
        let malformed =
            |error: serde_json::Error| LockError::read(path)(io::Error::new(io::ErrorKind::InvalidData, error));
        let mut parts: std::collections::BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(&text).map_err(malformed)?;
        let event_type = parts.get("type").map(|name| name.get()).unwrap_or_default();
        let event_type: String = serde_json::from_str(event_type).map_err(malformed)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { name, event_type, payload: parts.remove("payload") })
    }
}
