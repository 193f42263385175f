use castore_core::inbox::{AgeUnit, InboxRules, NameRules};

/// The rules for the names, ids and ages that an inbox in SQLite can store.
pub(super) const RULES: InboxRules = InboxRules {
    engine: "SQLite",
    names: NameRules { max_bytes: None, reserved_prefix: Some("sqlite_") },
    nul_in_text: true,
    age_unit: AgeUnit::Milliseconds,
    // Subtracting this age from the current time does not overflow.
    longest_age: i64::MAX / 2,
};
