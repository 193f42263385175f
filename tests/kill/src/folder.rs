use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder with the files that the processes share in addition to the storage: lists of lines that survive a kill, and
/// switches. A switch is on while its file exists.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// A file to which processes append lines, each line atomically.
#[derive(Debug)]
pub(crate) struct Lines(File);

/// The words of a line.
pub type Line = Vec<String>;

impl Folder {
    /// Creates a handle of an existing folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the path of an SQLite file for read models.
    pub fn read_models(&self) -> PathBuf {
        self.0.join("read-models.sqlite")
    }

    /// Returns the number of lines in all files whose names begin with this prefix.
    pub fn count_lines(&self, names_begin_with: &str) -> usize {
        let names = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(names_begin_with)).map(|name| self.lines(&name).len()).sum()
    }

    /// Returns the lines of a file, in the order in which they were written.
    pub fn lines(&self, name: &str) -> Vec<Line> {
        let text = std::fs::read_to_string(self.0.join(name)).unwrap_or_default();
        text.lines().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
    }

    /// Turns a switch on or off, for all processes.
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
    /// Appends a line in one write: a kill does not cut it, and lines of several processes do not mix.
    pub(crate) fn append(&self, line: impl Into<String>) {
        let line = line.into() + "\n";
        let written = (&self.0).write(line.as_bytes()).unwrap();
        assert_eq!(written, line.len());
    }
}
