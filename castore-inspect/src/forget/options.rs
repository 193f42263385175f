/// Options for forgetting an aggregate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForgetOptions {
    /// Whether to change nothing, and only to report what would be changed. Defaults to `false`.
    pub dry_run: bool,
}

impl ForgetOptions {
    /// Sets whether to change nothing, and only to report what would be changed.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }
}
