//! The filter of a listener as the pattern of a rule.

mod event_pattern;
mod rule;
mod wanted;

pub use event_pattern::EventPattern;
pub use rule::{DeployRuleError, Rule};
