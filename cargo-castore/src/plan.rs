//! The cargo commands to run for the arguments of the user.

const USAGE: &str = "\
usage: cargo castore [OPTIONS OF CARGO] COMMAND

commands, which run the binary `operate` of the program:
  graph [--html]        a Mermaid flowchart, or an HTML page
  asyncapi              an AsyncAPI 3.0 document
  schema                a JSON Schema of all events and aggregates
  schema print|apply    prints or creates the tables of the storages
  describe              the description of the program as JSON
  catalog FOLDER        writes a folder for an event catalog
  events …              shows and verifies stored events, and forgets personal data
  relays …              shows and repairs relays
  projections …         shows, repairs and rebuilds read models
  replay …              publishes stored events again
  consumers …           shows and creates what consumers need on their broker
  dead-letters …        shows dead letters, and delivers them again
other commands:
  lock [update|force]   runs the tests with CASTORE_LOCK
  expand [ITEM]         shows generated code (requires cargo-expand)";

const OPERATE: [&str; 11] = [
    "graph",
    "asyncapi",
    "schema",
    "describe",
    "catalog",
    "events",
    "relays",
    "projections",
    "replay",
    "consumers",
    "dead-letters",
];

/// A call of cargo, with its arguments and environment.
#[derive(Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) arguments: Vec<String>,
    /// The value of `CASTORE_LOCK`.
    pub(crate) lock: Option<String>,
}

impl Plan {
    /// Creates the plan for the arguments of the user. The arguments before the command are options of cargo. Returns
    /// the usage as an error if the command or the mode of `lock` is unknown.
    pub(crate) fn of(arguments: &[String]) -> Result<Self, String> {
        let is_command =
            |argument: &String| OPERATE.contains(&argument.as_str()) || argument == "lock" || argument == "expand";
        let Some(at) = arguments.iter().position(is_command) else { return Err(USAGE.to_owned()) };
        let (options, rest) = arguments.split_at(at);
        let call = |words: &[&str], more: &[String]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .chain(options.iter().cloned())
                .chain(more.iter().cloned())
                .collect()
        };
        match rest {
            [command, more @ ..] if command == "expand" => Ok(Self { arguments: call(&["expand"], more), lock: None }),
            [command] if command == "lock" => Ok(Self { arguments: call(&["test"], &[]), lock: None }),
            [command, mode] if command == "lock" && (mode == "update" || mode == "force") => {
                Ok(Self { arguments: call(&["test"], &[]), lock: Some(mode.clone()) })
            }
            [command, ..] if command == "lock" => Err(USAGE.to_owned()),
            rest => {
                let mut arguments: Vec<String> = call(&["run", "--quiet", "--bin", "operate"], &[]);
                arguments.push("--".to_owned());
                arguments.extend(rest.iter().cloned());
                Ok(Self { arguments, lock: None })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, USAGE};

    fn plan(text: &str) -> Result<(String, Option<String>), String> {
        let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        Plan::of(&arguments).map(|plan| (plan.arguments.join(" "), plan.lock))
    }

    #[test]
    fn outputs_run_the_binary_of_the_program() {
        let expected = "run --quiet --bin operate -p shop -- graph --html".to_owned();
        assert_eq!(plan("-p shop graph --html"), Ok((expected, None)));
        let expected = "run --quiet --bin operate -p shop -- events show TASKS 1 --at 2".to_owned();
        assert_eq!(plan("-p shop events show TASKS 1 --at 2"), Ok((expected, None)));
        for command in
            ["projections rebuild open_tasks", "replay --store TASKS TASK_BUS", "schema print", "consumers list"]
        {
            assert_eq!(plan(command), Ok((format!("run --quiet --bin operate -- {command}"), None)));
        }
    }

    #[test]
    fn lock_runs_the_tests() {
        assert_eq!(plan("lock"), Ok(("test".to_owned(), None)));
        assert_eq!(plan("-p shop lock update"), Ok(("test -p shop".to_owned(), Some("update".to_owned()))));
        assert_eq!(plan("lock always"), Err(USAGE.to_owned()));
    }

    #[test]
    fn expand_runs_cargo_expand() {
        assert_eq!(plan("--lib expand events"), Ok(("expand --lib events".to_owned(), None)));
    }

    #[test]
    fn unknown_commands_show_the_usage() {
        assert_eq!(plan("draw"), Err(USAGE.to_owned()));
        assert_eq!(plan(""), Err(USAGE.to_owned()));
    }
}
