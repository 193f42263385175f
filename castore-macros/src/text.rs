//! An approximation of the user's source text from tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Returns the tokens without spaces, except between two words, after commas and inside braces: `&'a mut
/// wild::Pokemon`.
pub(crate) fn compact(tokens: TokenStream) -> String {
    let mut text = String::new();
    for token in tokens {
        let piece = match &token {
            TokenTree::Group(group) => {
                let inner = compact(group.stream());
                match group.delimiter() {
                    Delimiter::Parenthesis => format!("({inner})"),
                    Delimiter::Brace => format!("{{ {inner} }}"),
                    Delimiter::Bracket => format!("[{inner}]"),
                    Delimiter::None => inner,
                }
            }
            token => token.to_string(),
        };
        let is_word = |character: Option<char>| character.is_some_and(|it| it.is_alphanumeric() || it == '_');
        if text.ends_with([',', ';']) || (is_word(text.chars().next_back()) && is_word(piece.chars().next())) {
            text.push(' ');
        }
        text.push_str(&piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::compact;
    use quote::quote;

    #[test]
    fn reads_like_source() {
        assert_eq!(compact(quote!(&'a mut wild::Pokemon)), "&'a mut wild::Pokemon");
        assert_eq!(compact(quote!((A, [u8; 3], dyn Any))), "(A, [u8; 3], dyn Any)");
        assert_eq!(compact(quote!(_)), "_");
    }
}
