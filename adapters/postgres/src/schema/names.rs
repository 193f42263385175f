use castore_core::inbox::{InvalidName, NameRules};

/// The maximum length of a name, in bytes. Postgres truncates longer names without an error, so that two tables could
/// get the same name.
const MAX_BYTES: usize = 63;

/// The rules for names of tables and schemas in Postgres.
pub(crate) const NAME_RULES: NameRules = NameRules { max_bytes: Some(MAX_BYTES), reserved_prefix: None };

/// The name of a table, a schema or an index: any text that Postgres can store, because it is always quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identifier(String);

impl Identifier {
    pub(crate) fn new(what: &'static str, name: &str) -> Result<Self, InvalidName> {
        NAME_RULES.check(what, name)?;
        Ok(Self(name.to_owned()))
    }

    /// Returns a name that this crate defines.
    pub(crate) fn fixed(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// Joins `before`, `name` and `after`. If the result is too long, the end of `name` is replaced by a hash of the
    /// whole `name`, so that different names stay different.
    pub(crate) fn derived(before: &str, name: &str, after: &str) -> Self {
        let full = format!("{before}{name}{after}");
        if full.len() <= MAX_BYTES {
            return Self(full);
        }
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let hash = format!("_{:08x}", hash as u32);
        let mut end = MAX_BYTES.saturating_sub(before.len() + hash.len() + after.len()).min(name.len());
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        Self(format!("{before}{}{hash}{after}", name.get(..end).unwrap_or_default()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name quoted for SQL.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// Returns the name of the snapshot table of an event table. Each event table has its own snapshot table, because two
/// event tables may contain the same aggregate ids.
pub(crate) fn snapshots_name(table: &str) -> Identifier {
    Identifier::derived("castore_snapshot_", table, "")
}

/// Returns a text literal that is valid with any setting of `standard_conforming_strings`.
pub(crate) fn quote_literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Returns a dollar-quoted SQL literal of the text. The text between the tags is unchanged, and does not contain the
/// tag.
pub(crate) fn dollar_quoted(text: &str) -> String {
    let mut tag = "$castore$".to_owned();
    let mut number = 0_u32;
    while text.contains(&tag) {
        number += 1;
        tag = format!("$castore{number}$");
    }
    format!("{tag}{text}{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_whatever_a_name_contains() {
        for (name, quoted) in [("event", "\"event\""), ("a\"b", "\"a\"\"b\""), ("Ünï.x; --", "\"Ünï.x; --\"")] {
            assert_eq!(Identifier::new("table", name).unwrap().quoted(), quoted);
        }
        assert_eq!(quote_literal(r"a'b\c"), r"E'a\'b\\c'");
    }

    #[test]
    fn dollar_quotes_can_be_nested() {
        let inner = dollar_quoted("SELECT 'a'");
        assert_eq!(inner, "$castore$SELECT 'a'$castore$");
        assert_eq!(dollar_quoted(&inner), format!("$castore1${inner}$castore1$"));
    }

    #[test]
    fn refuses_what_postgres_would_cut_or_cannot_have() {
        assert!(Identifier::new("table", &"x".repeat(63)).is_ok());
        for name in ["", "a\0b", &"x".repeat(64), &"ü".repeat(32)] {
            assert!(Identifier::new("table", name).is_err(), "{name}");
        }
    }

    #[test]
    fn derived_names_stay_short_and_different() {
        assert_eq!(Identifier::derived("idx_", "event", "_version").as_str(), "idx_event_version");
        let long = "ü".repeat(31);
        let one = Identifier::derived("idx_", &format!("{long}a"), "_version");
        let other = Identifier::derived("idx_", &format!("{long}b"), "_version");
        assert_ne!(one, other);
        assert!(one.as_str().len() <= 63 && one.as_str().ends_with("_version"), "{one:?}");
    }
}
