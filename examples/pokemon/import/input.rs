use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::ImportError;

/// The opened input of an import: a file, or standard input.
pub struct Input {
    /// The name of the input, for the output of the program.
    pub name: String,
    /// The total number of bytes, if known.
    pub length: Option<u64>,
    pub bytes: Box<dyn Read + Send>,
}

impl Input {
    /// Opens a file, or standard input for `-`.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        if path == Path::new("-") {
            return Ok(Self { name: "standard input".to_owned(), length: None, bytes: Box::new(io::stdin()) });
        }
        let name = path.display().to_string();
        match open_file(path) {
            Ok((file, length)) => Ok(Self { name, length, bytes: Box::new(file) }),
            Err(source) => Err(ImportError::Open { name, source }),
        }
    }
}

fn open_file(path: &Path) -> io::Result<(File, Option<u64>)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        // On some systems, opening a directory succeeds, and only the first read fails.
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok((file, metadata.is_file().then_some(metadata.len())))
}
