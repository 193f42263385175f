//! Events whose stored type is not the event type of a variant: `from(…)` and `other`.

pub(super) mod check;
pub(super) mod expand;
pub(super) mod retired_type;
#[cfg(test)]
mod tests;
