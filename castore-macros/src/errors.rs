//! The mistakes found in one item, reported together.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use std::fmt::Display;
use syn::Error;

/// A collector for the mistakes in one item, so that one build reports all of them.
#[derive(Default)]
#[must_use]
pub(crate) struct Errors {
    all: Option<Error>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Reports `message` with all of `tokens` underlined.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    /// Reports `message` at `span`.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.all {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_none()
    }

    /// Returns `compile_error!` calls for all mistakes, or nothing if there are none.
    pub(crate) fn to_compile_errors(&self) -> TokenStream {
        self.all.as_ref().map(Error::to_compile_error).unwrap_or_default()
    }
}
