//! Conversion of names to other casings: serde's eight casings for event types and fields, and word-based casings for
//! generated names.

#[cfg(test)]
mod tests;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;

/// The eight casings that `rename_all` knows, in serde's spelling and with serde's rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Casing {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Casing {
    const ALL: [(&'static str, Self); 8] = [
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::ScreamingKebab),
    ];

    /// The spellings of all casings.
    pub(crate) const NAMES: [&'static str; 8] = {
        let mut names = [""; 8];
        let mut i = 0;
        while i < 8 {
            names[i] = Self::ALL[i].0;
            i += 1;
        }
        names
    };

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(spelling, _)| *spelling == name).map(|(_, casing)| *casing)
    }

    /// Converts the name of a variant from `PascalCase` to this casing. The result is the event type.
    ///
    /// The conversion follows the rules of serde, in which each capital letter starts a word. Therefore an enum that
    /// moves from serde's `rename_all` to castore keeps its event types.
    pub(crate) fn of_variant(self, variant: &str) -> String {
        match self {
            Self::Pascal => variant.to_owned(),
            Self::Lower => variant.to_ascii_lowercase(),
            Self::Upper => variant.to_ascii_uppercase(),
            Self::Camel => with_first(variant, |first| first.to_ascii_lowercase()),
            Self::Snake => {
                let mut snake = String::new();
                for (i, character) in variant.char_indices() {
                    if i > 0 && character.is_uppercase() {
                        snake.push('_');
                    }
                    snake.push(character.to_ascii_lowercase());
                }
                snake
            }
            Self::ScreamingSnake => Self::Snake.of_variant(variant).to_ascii_uppercase(),
            Self::Kebab => Self::Snake.of_variant(variant).replace('_', "-"),
            Self::ScreamingKebab => Self::ScreamingSnake.of_variant(variant).replace('_', "-"),
        }
    }

    /// Converts the name of a field from `snake_case` to this casing, as serde does.
    pub(crate) fn of_field(self, field: &str) -> String {
        match self {
            Self::Lower | Self::Snake => field.to_owned(),
            Self::Upper | Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::Pascal => field.split('_').map(|word| with_first(word, |first| first.to_ascii_uppercase())).collect(),
            Self::Camel => with_first(&Self::Pascal.of_field(field), |first| first.to_ascii_lowercase()),
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingKebab => Self::ScreamingSnake.of_field(field).replace('_', "-"),
        }
    }
}

/// Converts a name to `snake_case`: `AppBus` to `app_bus`, and `SQSQueue` to `sqs_queue`.
///
/// This conversion is used for generated names (ids and fields). An acronym stays one word.
pub(crate) fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, character) in characters.iter().enumerate() {
        let previous = i.checked_sub(1).and_then(|before| characters.get(before));
        let after_word = previous.is_some_and(|previous| previous.is_lowercase() || previous.is_numeric());
        let before_word = characters.get(i + 1).is_some_and(|next| next.is_lowercase());
        let in_acronym = previous.is_some_and(|previous| previous.is_uppercase());
        if character.is_uppercase() && (after_word || (in_acronym && before_word)) {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

/// Converts a name to `SCREAMING_SNAKE_CASE`: `AppBus` to `APP_BUS`.
pub(crate) fn screaming_snake_case(name: &str) -> String {
    snake_case(name).to_uppercase()
}

/// Returns `name` as an identifier. A keyword becomes a raw identifier, or gets the suffix `_` if it cannot be raw.
pub(crate) fn ident(name: &str, span: Span) -> Ident {
    // These keywords cannot be raw identifiers.
    if matches!(name, "self" | "super" | "crate" | "Self" | "_") {
        return Ident::new(&format!("{name}_"), span);
    }
    match syn::parse_str::<Ident>(name) {
        Ok(_) => Ident::new(name, span),
        Err(_) => Ident::new_raw(name, span),
    }
}

/// Returns the name of an identifier. A raw identifier loses its prefix `r#`.
pub(crate) fn text(ident: &Ident) -> String {
    ident.unraw().to_string()
}

fn with_first(word: &str, change: impl FnOnce(char) -> char) -> String {
    let mut characters = word.chars();
    characters.next().map(change).into_iter().chain(characters).collect()
}
