//! Types whose shape follows from their name.

const SCALARS: [&str; 17] = [
    "String", "char", "bool", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64",
];

/// Returns whether the library can read the shape from the name of the type, which is the case for scalars, and for
/// lists, options and boxes of them. Most types in payloads are such types, and looking up their shapes would cost
/// compile time.
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
