//! The files of the cases. A case consists of the code with the mistake (`fail/<topic>/<mistake>.rs`), the recorded
//! text of the compiler beside it, and the corrected code (the twin) in `pass/<topic>/`.

use std::fs;
use std::path::{Path, PathBuf};

/// A case that must not compile.
pub(crate) struct Case {
    /// The name, for example `connect/store-not-carried`.
    pub(crate) name: String,
    pub(crate) source: String,
    /// The output of the compiler.
    pub(crate) text: String,
}

impl Case {
    /// Returns the errors in the text, each with its notes, without warnings.
    pub(crate) fn errors(&self) -> Vec<&str> {
        let mut starts = vec![];
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            if ["error", "warning"].iter().any(|level| line.starts_with(level)) {
                starts.push(at);
            }
            at += line.len();
        }
        let ends = starts.iter().copied().skip(1).chain([at]);
        let blocks = starts.iter().zip(ends).map(|(start, end)| &self.text[*start..end]);
        blocks.filter(|block| block.starts_with("error")).collect()
    }

    /// Returns the first line of the first error.
    pub(crate) fn headline(&self) -> &str {
        self.errors().first().and_then(|error| error.lines().next()).unwrap_or_default()
    }

    /// Returns the twin: the function or module with the name of the case, from the files that must compile.
    pub(crate) fn twin(&self) -> Option<String> {
        let (topic, mistake) = self.name.split_once('/')?;
        let name = mistake.replace('-', "_");
        files(&root("pass").join(topic), "rs").into_iter().find_map(|path| {
            let source = read(&path);
            let function =
                ["fn", "async fn"].map(|function| ['(', '<'].map(|next| format!("\n{function} {name}{next}")));
            let module = format!("\nmod {name} {{");
            let mut starts = function.as_flattened().iter().chain([&module]);
            let start = starts.find_map(|start| source.find(start.as_str()))?;
            let end = source[start..].find("\n}\n")?;
            Some(source[start..start + end].to_owned())
        })
    }
}

/// Returns all cases, by name. Fails if a text has no case, or a case has no text.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for topic in folders(&root("fail")) {
        let sources = files(&topic, "rs");
        let texts: Vec<PathBuf> = sources.iter().map(|source| source.with_extension("stderr")).collect();
        let orphan = files(&topic, "stderr").into_iter().find(|text| !texts.contains(text));
        assert_eq!(orphan, None, "belongs to no case: remove it");
        for (source, text) in sources.iter().zip(&texts) {
            assert!(text.exists(), "{} has no text: record it with `TRYBUILD=overwrite`", source.display());
            let name = source.with_extension("");
            let name = name.strip_prefix(root("fail")).unwrap_or(&name).to_string_lossy().replace('\\', "/");
            cases.push(Case { name, source: read(source), text: read(text) });
        }
    }
    cases
}

fn root(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    entries(path).into_iter().filter(|path| path.is_dir()).collect()
}

fn files(path: &Path, extension: &str) -> Vec<PathBuf> {
    entries(path).into_iter().filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn entries(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort_unstable();
    paths
}
