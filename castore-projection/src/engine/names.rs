/// Checks the name, the version and the tables of a read model against the rules of all databases. `reserved` returns
/// the owner of a reserved name.
///
/// # Errors
/// A text that describes the violated rule. If a name is invalid, the text contains the name.
pub fn check_names(
    name: &str,
    version: u32,
    tables: &[&str],
    reserved: impl Fn(&str) -> Option<&'static str>,
) -> Result<(), String> {
    if version == 0 {
        return Err("the version must be at least 1".to_owned());
    }
    if tables.is_empty() {
        return Err("the read model has no table; list at least one in `TABLES`".to_owned());
    }
    for name in tables.iter().copied().chain([name]) {
        let starts_with_letter = name.starts_with(|first: char| first.is_ascii_lowercase());
        let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !starts_with_letter || !is_plain {
            return Err(format!(
                "the name {name:?} must begin with a lower case letter, and contain only lower case letters, \
                 digits and `_`"
            ));
        }
        let owner = match name {
            "event" => Some("the table of events"),
            _ if name.starts_with("castore_") => Some("castore's own tables"),
            _ => reserved(name),
        };
        if let Some(owner) = owner {
            return Err(format!("the name {name:?} is reserved for {owner}"));
        }
    }
    Ok(())
}

/// Returns the versioned name of a table, for example `counts_v2` for the table `counts` in version 2. Readers use the
/// view `counts`.
pub fn table_name(name: &str, version: u32) -> String {
    format!("{name}_v{version}")
}
