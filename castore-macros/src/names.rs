//! The rules for names that are stored and sent: ids of event stores, channels and commands, and event types.

use crate::errors::Errors;
use quote::ToTokens;

/// Rejects a name that is blank, or that contains characters that would break keys, attributes and log lines. `noun` is
/// the kind of name, for example "the event type". `example` shows a valid option.
pub(crate) fn check_name(name: &str, tokens: impl ToTokens, noun: &str, example: &str, errors: &mut Errors) {
    if name.trim().is_empty() {
        errors.on(tokens, format!("{noun} is empty; write a name, such as `{example}`"));
    } else if name.contains(is_unprintable) {
        errors.on(tokens, format!("{noun} contains a line break or a control character; use printable characters"));
    }
}

fn is_unprintable(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::check_name;
    use crate::errors::Errors;
    use crate::testing::messages;
    use quote::quote;

    fn message(name: &str) -> Vec<String> {
        let mut errors = Errors::new();
        check_name(name, quote!(id), "the id", "id = \"A\"", &mut errors);
        messages(&errors.to_compile_errors())
    }

    #[test]
    fn printable_names_are_allowed() {
        for name in ["POKEMONS", "pokemon caught", "Pokémon-1/2", "ポケモン"] {
            assert!(message(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn blank_and_unprintable_names_are_refused() {
        for name in ["", " ", "\n"] {
            assert_eq!(message(name), ["the id is empty; write a name, such as `id = \"A\"`"], "{name:?}");
        }
        for name in ["A\nB", "A\r", "A\0", "A\u{1b}[0m", "A\u{2028}B", "A\u{2029}", "A\u{85}B"] {
            let expected = "the id contains a line break or a control character; use printable characters";
            assert_eq!(message(name), [expected], "{name:?}");
        }
    }
}
