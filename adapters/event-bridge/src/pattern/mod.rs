//! Conversion of the filters of listeners into the event patterns of rules.

mod event_pattern;
mod rule;
mod wanted;

pub use event_pattern::EventPattern;
pub use rule::{DeployRuleError, Rule};
