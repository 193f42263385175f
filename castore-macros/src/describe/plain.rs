//! Types whose shape the text says.

const SCALARS: [&str; 17] = [
    "String", "char", "bool", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64",
];

/// Returns whether the library reads the shape from the name: scalars, and lists and options of them. Looking the shape up
/// costs compile time, and these are most types of payloads.
pub(super) fn is_plain(text: &str) -> bool {
    if SCALARS.contains(&text) {
        return true;
    }
    let Some((name, inner)) = text.strip_suffix('>').and_then(|text| text.split_once('<')) else { return false };
    ["Vec", "Option", "Box"].contains(&name) && is_plain(inner)
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn plain_types_are_scalars_and_their_lists_and_options() {
        for plain in ["String", "u32", "Vec<String>", "Option<Vec<u8>>", "Box<f64>"] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in ["Team", "Vec<Team>", "HashMap<String, String>", "&'static str", "(u8, u8)", "[u8; 3]", "Vec"] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
