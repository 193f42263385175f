//! The arguments of a command that has options.

use std::str::FromStr;

/// The arguments of a command, split into operands and options.
#[derive(Debug, PartialEq)]
pub(super) struct Arguments<'a> {
    /// The arguments that are not options, in order.
    pub(super) operands: Vec<&'a str>,
    options: Vec<(&'a str, &'a str)>,
    flags: Vec<&'a str>,
}

impl<'a> Arguments<'a> {
    /// Splits arguments into operands and options. `options` lists the options that have a value, and `flags` lists the
    /// options without a value.
    ///
    /// # Errors
    /// A text for the user if an option is unknown, appears twice, or has no value.
    pub(super) fn parse(arguments: &[&'a str], options: &[&str], flags: &[&str]) -> Result<Self, String> {
        let mut parsed = Self { operands: Vec::new(), options: Vec::new(), flags: Vec::new() };
        let mut arguments = arguments.iter().copied();
        while let Some(argument) = arguments.next() {
            if parsed.flags.contains(&argument) || parsed.option(argument).is_some() {
                return Err(format!("`{argument}` appears twice"));
            }
            if options.contains(&argument) {
                let value = arguments.next().ok_or_else(|| format!("`{argument}` has no value"))?;
                parsed.options.push((argument, value));
            } else if flags.contains(&argument) {
                parsed.flags.push(argument);
            } else if argument.starts_with("--") {
                let known: Vec<&str> = options.iter().chain(flags).copied().collect();
                return Err(format!("unknown option `{argument}`; the options are {}", known.join(", ")));
            } else {
                parsed.operands.push(argument);
            }
        }
        Ok(parsed)
    }

    /// Returns whether the arguments contain a flag.
    pub(super) fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// Returns the text of an option, or `None` if the arguments do not contain the option.
    pub(super) fn option(&self, name: &str) -> Option<&'a str> {
        self.options.iter().find(|(option, _)| *option == name).map(|(_, value)| *value)
    }

    /// Returns the parsed value of an option, or `None` if the arguments do not contain the option. `what` describes
    /// valid values for the error, for example `a version`.
    ///
    /// # Errors
    /// A text for the user if the value is not valid.
    pub(super) fn value<T: FromStr>(&self, name: &str, what: &str) -> Result<Option<T>, String> {
        self.option(name).map(|text| text.parse().map_err(|_| format!("`{text}` is not {what}"))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_may_stand_anywhere() {
        let parsed = Arguments::parse(&["--version", "2", "a", "--all", "b"], &["--version"], &["--all"]).unwrap();
        assert_eq!(parsed.operands, ["a", "b"]);
        assert_eq!((parsed.value("--version", "a version"), parsed.has("--all")), (Ok(Some(2)), true));
        assert_eq!((parsed.value::<u32>("--rate", "a rate"), parsed.has("--dry-run")), (Ok(None), false));
    }

    #[test]
    fn wrong_options_are_named() {
        let parse =
            |arguments: &[&str]| Arguments::parse(arguments, &["--version"], &["--all"]).map(|_| ()).unwrap_err();
        assert_eq!(parse(&["--versions", "2"]), "unknown option `--versions`; the options are --version, --all");
        assert_eq!(parse(&["--version"]), "`--version` has no value");
        assert_eq!(parse(&["--all", "--all"]), "`--all` appears twice");
        assert_eq!(parse(&["--version", "1", "--version", "1"]), "`--version` appears twice");
        let parsed = Arguments::parse(&["--version", "x"], &["--version"], &[]).unwrap();
        assert_eq!(parsed.value::<u32>("--version", "a version"), Err("`x` is not a version".to_owned()));
    }
}
