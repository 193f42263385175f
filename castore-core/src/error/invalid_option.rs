use std::borrow::Cow;

/// The error for an option with an invalid value. Builders return this error when they build, connect or start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid option `{option}`: {rule}")]
#[non_exhaustive]
pub struct InvalidOptionError {
    /// The name of the option, which is the name of the builder's method.
    pub option: &'static str,
    /// The rule for the value of the option, for example `must be between 1 and 10`.
    pub rule: Cow<'static, str>,
}

impl InvalidOptionError {
    /// Creates the error for the option with this name. For authors of builders.
    pub fn new(option: &'static str, rule: impl Into<Cow<'static, str>>) -> Self {
        Self { option, rule: rule.into() }
    }

    /// Returns an error for the option unless `is_valid` is true. For authors of builders.
    ///
    /// # Errors
    /// [`InvalidOptionError`] if `is_valid` is false.
    pub fn check(is_valid: bool, option: &'static str, rule: impl Into<Cow<'static, str>>) -> Result<(), Self> {
        if is_valid { Ok(()) } else { Err(Self::new(option, rule)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_names_the_option_and_the_rule() {
        let error = InvalidOptionError::check(false, "batch_size", "must be between 1 and 10").unwrap_err();
        assert_eq!(error.to_string(), "invalid option `batch_size`: must be between 1 and 10");
        InvalidOptionError::check(true, "batch_size", "must be between 1 and 10").unwrap();
    }
}
