//! Test helpers: comparison of expansions with the files in `expansions/`, and the texts of errors.

use proc_macro2::{TokenStream, TokenTree};
use std::fs;
use std::path::PathBuf;
use syn::{File, Lit};

/// Returns the expansion, formatted for readers.
pub(crate) fn pretty(tokens: &TokenStream) -> String {
    match syn::parse2::<File>(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => unreachable!("the expansion is no list of items: {error}\n{tokens}"),
    }
}

/// Compares an expansion with `expansions/<name>.rs`. With `BLESS=1` in the environment the file is written instead.
pub(crate) fn assert_expansion(name: &str, tokens: &TokenStream) {
    compare(&format!("{name}.rs"), &pretty(tokens));
}

/// Compares an expansion like [`assert_expansion`], and also with `expansions/<name>.md`, which the documentation of
/// the macro includes.
pub(crate) fn assert_documented_expansion(name: &str, input: &str, tokens: &TokenStream) {
    let expansion = pretty(tokens);
    compare(&format!("{name}.rs"), &expansion);
    compare(
        &format!("{name}.md"),
        &format!(
            "<details>\n<summary>Expansion</summary>\n\n```rust,ignore\n{}\n```\n\nbecomes\n\n```rust,ignore\n{expansion}```\n\n</details>\n",
            input.trim()
        ),
    );
}

fn compare(file: &str, actual: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("expansions").join(file);
    if std::env::var_os("BLESS").is_some() {
        return match fs::write(&path, actual) {
            Ok(()) => {}
            Err(error) => unreachable!("cannot write {}: {error}", path.display()),
        };
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "expansions/{file} differs (- checked in, + now); run the test with BLESS=1 if the change is meant\n\n{}",
        difference(&expected, actual)
    );
}

/// Returns the differing lines between the common beginning and the common end, with one line of context around them.
fn difference(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(old, new)| old == new).count();
    let before = old[start.saturating_sub(1)..start].iter().map(|line| format!("  {line}\n"));
    let removed = old[start..old.len() - end].iter().map(|line| format!("- {line}\n"));
    let added = new[start..new.len() - end].iter().map(|line| format!("+ {line}\n"));
    let after = old[old.len() - end..].iter().take(1).map(|line| format!("  {line}\n"));
    before.chain(removed).chain(added).chain(after).collect()
}

/// Returns the parts of an item with one of castore's attributes, as rustc passes them: the options, and the item
/// without the attribute.
pub(crate) fn attribute_and_item(input: &str) -> (TokenStream, TokenStream) {
    let tokens: TokenStream = input.parse().unwrap_or_else(|error| unreachable!("{error}"));
    let mut tokens = tokens.into_iter().skip(1);
    let Some(TokenTree::Group(attribute)) = tokens.next() else { unreachable!("starts with an attribute") };
    let Some(TokenTree::Group(options)) = attribute.stream().into_iter().nth(1) else {
        unreachable!("the attribute has options")
    };
    (options.stream(), tokens.collect())
}

/// Returns the body of a macro call.
pub(crate) fn macro_body(call: &str) -> TokenStream {
    match syn::parse_str::<syn::ItemMacro>(call) {
        Ok(call) => call.mac.tokens,
        Err(error) => unreachable!("{error}"),
    }
}

/// Returns the texts of all `compile_error!` calls, in order.
pub(crate) fn messages(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut after_name = false;
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => after_name = ident == "compile_error",
            TokenTree::Group(group) if after_name => {
                if let Ok(Lit::Str(text)) = syn::parse2(group.stream()) {
                    found.push(text.value());
                }
                after_name = false;
            }
            TokenTree::Group(group) => found.extend(messages(&group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

/// Returns whether `tokens` start with the tokens of `item`.
pub(crate) fn starts_with(tokens: &TokenStream, item: &TokenStream) -> bool {
    tokens.to_string().starts_with(&item.to_string())
}

/// Returns the number of lines of a formatted expansion, without the `item` at its start.
pub(crate) fn generated_lines(tokens: &TokenStream, item: &TokenStream) -> usize {
    let item_lines = if item.is_empty() { 0 } else { pretty(item).lines().count() };
    pretty(tokens).lines().count() - item_lines
}
