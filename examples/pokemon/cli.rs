//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

pub const USAGE: &str = "\
Usage: pokemon [--db PATH]               play a round
       pokemon [--db PATH] import FILE   store and publish the events of a file
       pokemon graph                     print the graph of the program, for Mermaid
       pokemon --help";

pub const HELP: &str = "\
A small game on two event stores in an SQLite file.

Usage: pokemon [--db PATH]               play a round
       pokemon [--db PATH] import FILE   store and publish the events of a file
       pokemon graph                     print the graph of the program, for Mermaid

Options:
  --db PATH    the SQLite file, created if it does not exist; defaults to a temporary file
  -h, --help   this text

import reads notification messages, one JSON object per line; `-` is standard input:
  {\"eventStoreId\":\"POKEMONS\",\"event\":{\"aggregateId\":\"…\",\"version\":1,\"type\":\"APPEARED\",\"timestamp\":\"…\",\"payload\":{…}}}
Lines that cannot be imported are reported as `line N: reason` on standard error, and the import continues. Events
that are already stored are counted and skipped, so an import can be repeated.

Exit status: 0 on success, even with bad lines; 1 if a file cannot be read or the database fails; 2 for wrong usage.
";

#[derive(Debug, PartialEq)]
pub enum Parsed {
    Run(Arguments),
    Graph,
    Help,
}

#[derive(Debug, PartialEq)]
pub struct Arguments {
    pub db: Option<PathBuf>,
    pub action: Action,
}

#[derive(Debug, PartialEq)]
pub enum Action {
    Play,
    /// The file to import, or `-` for standard input.
    Import(PathBuf),
}

/// Parses the arguments after the program's name. The error describes the invalid argument.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Parsed, String> {
    let mut arguments = arguments.into_iter();
    let mut db = None;
    let mut words = Vec::new();
    while let Some(argument) = arguments.next() {
        // Paths may contain invalid Unicode, but options may not.
        let path = match argument.to_str() {
            Some("-h" | "--help") => return Ok(Parsed::Help),
            Some("--db") => arguments.next().ok_or("--db needs a path")?,
            Some(text) if text.starts_with("--db=") => OsString::from(&text["--db=".len()..]),
            Some(text) if text.starts_with('-') && text != "-" => return Err(format!("unknown option {text}")),
            _ => {
                words.push(argument);
                continue;
            }
        };
        if path.is_empty() {
            return Err("--db needs a path".to_owned());
        }
        if db.replace(PathBuf::from(path)).is_some() {
            return Err("--db was given twice".to_owned());
        }
    }
    let mut words = words.into_iter();
    let action = match words.next() {
        None => Action::Play,
        Some(word) if word == "graph" && db.is_none() => {
            return words.next().map_or(Ok(Parsed::Graph), |word| Err(unexpected(&word)));
        }
        Some(word) if word == "import" => {
            Action::Import(words.next().ok_or("import needs a file, or - for standard input")?.into())
        }
        Some(word) => return Err(format!("unknown command {}", word.display())),
    };
    match words.next() {
        None => Ok(Parsed::Run(Arguments { db, action })),
        Some(word) => Err(unexpected(&word)),
    }
}

fn unexpected(word: &OsStr) -> String {
    format!("unexpected argument {}", word.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Parsed, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn run(db: Option<&str>, action: Action) -> Result<Parsed, String> {
        Ok(Parsed::Run(Arguments { db: db.map(PathBuf::from), action }))
    }

    #[test]
    fn options_are_accepted_in_any_order() {
        assert_eq!(parsed(""), run(None, Action::Play));
        assert_eq!(parsed("--db a.db"), run(Some("a.db"), Action::Play));
        assert_eq!(parsed("--db=a.db import -"), run(Some("a.db"), Action::Import("-".into())));
        assert_eq!(parsed("import b --db a.db"), run(Some("a.db"), Action::Import("b".into())));
        assert_eq!(parsed("import b --help"), Ok(Parsed::Help));
        assert_eq!(parsed("graph"), Ok(Parsed::Graph));
    }

    #[test]
    fn unknown_arguments_are_rejected() {
        for line in
            ["--db", "--db=", "--db a --db b", "--dbs", "-x", "play", "import", "import a b", "graph a", "--db a graph"]
        {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
