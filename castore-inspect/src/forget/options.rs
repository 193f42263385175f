/// Options for forgetting an aggregate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForgetOptions {
    /// Whether to only report what would be changed, without changing it. Defaults to `false`.
    pub dry_run: bool,
    /// Whether to delete all events of the aggregate, instead of replacing the personal data in them. Defaults to
    /// `false`.
    pub delete: bool,
    /// Whether to delete the aggregate even if a relay may not have published all of its events. The messages of these
    /// events are never published. Has no effect unless the aggregate is [deleted](Self::delete). Defaults to `false`.
    pub force: bool,
}

impl ForgetOptions {
    /// Sets whether to only report what would be changed, without changing it. Defaults to `false`.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Sets whether to delete all events of the aggregate, instead of replacing the personal data in them. Defaults to
    /// `false`.
    #[must_use]
    pub fn delete(mut self, delete: bool) -> Self {
        self.delete = delete;
        self
    }

    /// Sets whether to delete the aggregate even if a relay may not have published all of its events. Defaults to
    /// `false`.
    #[must_use]
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }
}
