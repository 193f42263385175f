/// Options for forgetting an aggregate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForgetOptions {
    /// Whether to only report what would be changed, without changing it. Defaults to `false`.
    pub dry_run: bool,
}

impl ForgetOptions {
    /// Sets whether to only report what would be changed, without changing it. Defaults to `false`.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }
}
