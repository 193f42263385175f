use castore_core::inbox::{AgeUnit, InboxRules};

use crate::schema::NAME_RULES;

/// The limits of the inbox table in Postgres.
pub(super) const RULES: InboxRules = InboxRules {
    engine: "Postgres",
    names: NAME_RULES,
    nul_in_text: false,
    age_unit: AgeUnit::Microseconds,
    // One thousand years: Postgres cannot represent dates much further back.
    longest_age: 1_000_000 * 1000 * 365 * 24 * 60 * 60,
};
