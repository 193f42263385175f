/// The rules of a database for quoted names of tables, schemas and indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameRules {
    /// The maximum length of a name in bytes, if there is a limit.
    pub max_bytes: Option<usize>,
    /// The prefix that the database reserves for itself, compared without regard to ASCII case.
    pub reserved_prefix: Option<&'static str>,
}

impl NameRules {
    /// Checks a name. `what` is the kind of name for error texts, for example `table`.
    ///
    /// # Errors
    /// [`InvalidName`] if the name is empty, contains a NUL character, is too long, or has the reserved prefix.
    pub fn check(&self, what: &'static str, name: &str) -> Result<(), InvalidName> {
        let reserved = self
            .reserved_prefix
            .filter(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)));
        let problem = if name.is_empty() {
            NameProblem::Empty
        } else if name.contains('\0') {
            NameProblem::Nul
        } else if let Some(max) = self.max_bytes.filter(|max| name.len() > *max) {
            NameProblem::TooLong { max }
        } else if let Some(prefix) = reserved {
            NameProblem::Reserved { prefix }
        } else {
            return Ok(());
        };
        Err(InvalidName { what, name: name.to_owned(), problem })
    }
}

/// The error for a name that the database does not accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid {what} name {name:?}: {problem}")]
pub struct InvalidName {
    what: &'static str,
    name: String,
    problem: NameProblem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum NameProblem {
    #[error("it must not be empty")]
    Empty,
    #[error("it must not contain a NUL character")]
    Nul,
    #[error("it must not be longer than {max} bytes")]
    TooLong { max: usize },
    #[error("names that begin with `{prefix}` are reserved by the database")]
    Reserved { prefix: &'static str },
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: NameRules = NameRules { max_bytes: Some(10), reserved_prefix: Some("sys_") };
    const LAX: NameRules = NameRules { max_bytes: None, reserved_prefix: None };

    #[test]
    fn invalid_names_are_rejected_with_the_rule() {
        for (name, rule) in [
            ("", "must not be empty"),
            ("a\0", "NUL character"),
            ("ABCDEFGHIJK", "longer than 10 bytes"),
            ("üüüüüü", "longer than 10 bytes"),
            ("sys_a", "begin with `sys_`"),
            ("SYS_", "begin with `sys_`"),
        ] {
            let error = STRICT.check("table", name).unwrap_err().to_string();
            assert!(error.starts_with(&format!("invalid table name {name:?}: ")) && error.contains(rule), "{error}");
        }
    }

    #[test]
    fn all_other_names_are_accepted() {
        for name in ["a", "ABCDEFGHIJ", "sys", "süs_", "a\"b; --", "1"] {
            assert_eq!(STRICT.check("table", name), Ok(()), "{name}");
        }
        assert_eq!(LAX.check("schema", &"sys_".repeat(1000)), Ok(()));
    }
}
