use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What processes share beside the storage: lists of lines that survive them, and switches.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// A file that processes append lines to: each line as a whole, or not at all.
#[derive(Debug)]
pub(crate) struct Lines(File);

/// A line, in words.
pub type Line = Vec<String>;

impl Folder {
    /// A folder that exists.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// An SQLite file for read models.
    pub fn read_models(&self) -> PathBuf {
        self.0.join("read-models.sqlite")
    }

    /// How many lines the files have together whose names begin with that.
    pub fn count_lines(&self, names_begin_with: &str) -> usize {
        let names = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(names_begin_with)).map(|name| self.lines(&name).len()).sum()
    }

    /// The lines of a file, in the order in which they were written.
    pub fn lines(&self, name: &str) -> Vec<Line> {
        let text = std::fs::read_to_string(self.0.join(name)).unwrap_or_default();
        text.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
    }

    /// Switches something on or off, for all processes.
    pub fn switch(&self, name: &str, on: bool) {
        let path = self.0.join(name);
        if on { std::fs::write(path, "") } else { std::fs::remove_file(path) }.unwrap();
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    pub(crate) fn append_to(&self, name: &str) -> Lines {
        Lines(OpenOptions::new().create(true).append(true).open(self.0.join(name)).unwrap())
    }
}

impl Lines {
    /// One write: kills do not cut it, and lines of several processes do not mix.
    pub(crate) fn append(&self, line: impl Into<String>) {
        let line = line.into() + "\n";
        let written = (&self.0).write(line.as_bytes()).unwrap();
        assert_eq!(written, line.len());
    }
}
