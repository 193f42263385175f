//! The commands that need no storage: they print or write the outputs of a program.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::Inspect;

pub(super) const USAGE: &str = "usage: operate graph [--html] | asyncapi | schema | describe | catalog FOLDER";

/// Runs the command line of a program: prints its graph, its schemas or its description, or writes its event catalog.
/// `version` is the version of the program.
///
/// `cargo castore` runs the binary `operate` of the program, which consists of one call of this function:
///
/// ```no_run
/// # use castore::prelude::*;
/// # wiring! { pub struct Game; }
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     castore::inspect::operate::<Game>(env!("CARGO_PKG_VERSION"), std::env::args().skip(1))
/// }
/// ```
pub fn operate<W: Inspect>(version: &str, arguments: impl IntoIterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.into_iter().collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match output::<W>(version, &arguments) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// Executes a command and returns the text to print.
///
/// # Errors
/// A text for the user, if the command is unknown, or if a file cannot be written.
pub(super) fn output<W: Inspect>(version: &str, arguments: &[&str]) -> Result<String, String> {
    match arguments {
        ["graph"] => Ok(W::graph().mermaid()),
        ["graph", "--html"] => Ok(W::graph().html()),
        ["asyncapi"] => Ok(format!("{:#}", W::asyncapi(version))),
        ["schema"] => Ok(format!("{:#}", W::json_schema())),
        ["describe"] => Ok(format!("{:#}", W::to_json())),
        ["catalog", folder] => {
            let files = W::catalog(version);
            for (name, text) in &files {
                let path = Path::new(folder).join(name);
                write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            }
            Ok(format!("{} files in {folder}", files.len()))
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use castore_core::wiring::{ChannelEntry, ConsumerEntry, ReadModelEntry, RelayEntry, StoreEntry, Wiring};

    use super::{USAGE, output};

    struct Empty;

    impl Wiring for Empty {
        const NAME: &'static str = "Empty";
        const STORES: &'static [StoreEntry] = &[];
        const CHANNELS: &'static [ChannelEntry] = &[];
        const CONSUMERS: &'static [ConsumerEntry] = &[];
        const COMMANDS: &'static [&'static str] = &[];
        const READ_MODELS: &'static [ReadModelEntry] = &[];
        const RELAYS: &'static [RelayEntry] = &[];
    }

    #[test]
    fn commands_print_the_outputs() {
        assert_eq!(output::<Empty>("1.0.0", &["graph"]).unwrap(), "flowchart LR\n");
        for arguments in [&["graph", "--html"][..], &["asyncapi"], &["schema"], &["describe"]] {
            assert!(output::<Empty>("1.0.0", arguments).unwrap().contains("Empty"), "{arguments:?}");
        }
        assert_eq!(output::<Empty>("1.0.0", &["draw"]), Err(USAGE.to_owned()));
        assert_eq!(output::<Empty>("1.0.0", &[]), Err(USAGE.to_owned()));
    }

    #[test]
    fn catalog_is_written_to_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let text = output::<Empty>("1.0.0", &["catalog", folder.path().to_str().unwrap()]).unwrap();
        assert!(text.starts_with("1 files"), "{text}");
        assert!(folder.path().join("services/Empty/index.mdx").exists());
    }
}
