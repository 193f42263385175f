//! Events whose stored type is not the name of a variant: `from(…)` and `other`.

pub(super) mod check;
pub(super) mod expand;
pub(super) mod retired_type;
#[cfg(test)]
mod tests;
