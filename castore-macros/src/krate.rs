//! The path of castore in generated code.

mod manifest;

use crate::errors::Errors;
use crate::options::{AttributeOptions, CRATE};
use crate::text;
use manifest::Dependency;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Path, parse_quote};

/// The crate that generated code refers to: the path of `crate = …`, or else the name of castore in `Cargo.toml`.
#[derive(Clone, Default)]
pub(crate) struct Krate {
    path: Option<Path>,
    /// Whether the package lacks a dependency on castore. If so, an error was already reported.
    is_missing: bool,
}

impl Krate {
    /// Returns the path of the option, or else the name of castore in `Cargo.toml`. A relative path is rejected,
    /// because it would have a different meaning in each module.
    pub(crate) fn from_options(options: &AttributeOptions, errors: &mut Errors) -> Self {
        let path = options.get::<Path>(CRATE, errors);
        if let Some(path) = path.as_ref().filter(|path| !is_absolute(path)) {
            let written = text::compact(path.to_token_stream());
            let remedy = match path.segments.first() {
                Some(first) if first.ident == "self" || first.ident == "super" => "`crate = ::castore`".to_owned(),
                _ => format!("`crate = ::{written}`"),
            };
            errors.on(
                path,
                format!("option `crate` takes an absolute path, but `{written}` is relative; write {remedy}"),
            );
        }
        if path.is_some() || options.is_given(CRATE) {
            // A rejected relative path is still used. If it resolves by chance, there is no second error.
            return Self { path, is_missing: false };
        }
        match manifest::find_castore() {
            Dependency::Castore | Dependency::Unknown => Self::default(),
            Dependency::Renamed(name) => Self { path: Some(parse_quote!(::#name)), is_missing: false },
            Dependency::Missing => {
                errors.at(
                    Span::call_site(),
                    "this package does not depend on `castore`, which the generated code refers to; add `castore` to \
                     its dependencies, or set the path of the crate that re-exports it: `crate = ::path::to::castore`",
                );
                Self { path: None, is_missing: true }
            }
        }
    }

    /// Returns whether generated code would not compile because castore is not available.
    pub(crate) fn is_missing(&self) -> bool {
        self.is_missing
    }

    /// Returns the path with `span`. If generated code names an item through this path, errors about the item point at
    /// the user's token.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        match &self.path {
            None => quote_spanned!(span=> ::castore),
            Some(path) => path.to_token_stream().into_iter().map(|token| located_at(token, span)).collect(),
        }
    }
}

impl ToTokens for Krate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match &self.path {
            None => quote!(::castore),
            Some(path) => path.to_token_stream(),
        });
    }
}

/// Changes the span of a token and keeps its hygiene, which `$crate` needs.
fn located_at(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(span.resolved_at(token.span()));
    token
}

fn is_absolute(path: &Path) -> bool {
    let starts_at_root = path.segments.first().is_some_and(|first| first.ident == "crate" || first.ident == "$crate");
    path.leading_colon.is_some() || starts_at_root
}
