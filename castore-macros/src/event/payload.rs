//! The checks that determine whether serde can write and read the payloads of an event enum.

use crate::krate::Krate;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use std::collections::{HashMap, HashSet};
use syn::spanned::Spanned as _;
use syn::visit_mut::VisitMut;
use syn::{GenericArgument, PathArguments, Type};

/// The statements that check the types of the payloads, one for each type.
///
/// For a collection of std or a `Retired`, the type of the elements is checked separately: `Plain` for
/// `Vec<Option<Plain>>`.
///
/// ```text
/// ::castore::__private::is_payload::<Plain>();
/// ::castore::__private::is_payload::<
///     Vec<Option<::castore::__private::Checked<Plain, { ::castore::__private::is_payload::<Plain>() }>>>,
/// >();
/// ```
pub(super) struct PayloadChecks {
    checks: Vec<TokenStream>,
}

impl PayloadChecks {
    pub(super) fn of(types: impl Iterator<Item = Type>, krate: &Krate) -> Self {
        let (mut checks, mut seen) = (Vec::new(), HashSet::new());
        let mut elements = Elements { krate, first: HashMap::new(), checks: Vec::new() };
        for mut ty in types {
            if !seen.insert(ty.to_token_stream().to_string()) {
                continue;
            }
            let span = ty.span();
            if is_collection(&ty) {
                elements.visit_type_mut(&mut ty);
                checks.append(&mut elements.checks);
                let krate = krate.at(span);
                checks.push(quote_spanned!(span=> #krate::__private::is_payload::<#ty>();));
            } else {
                elements.check(&ty);
                checks.append(&mut elements.checks);
            }
        }
        Self { checks }
    }
}

impl ToTokens for PayloadChecks {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.checks.iter().cloned());
    }
}

/// A visitor that replaces the elements of collections with checked types.
struct Elements<'a> {
    krate: &'a Krate,
    /// The first occurrence of each element type. The key is the text of the type. All checks of a type have the span
    /// of its first occurrence, so that the compiler reports only one error.
    first: HashMap<String, Type>,
    checks: Vec<TokenStream>,
}

impl Elements<'_> {
    /// Adds the check of a type that is not a collection. Returns the type with its check.
    fn check(&mut self, ty: &Type) -> TokenStream {
        let text = ty.to_token_stream().to_string();
        let is_new = !self.first.contains_key(&text);
        let ty = self.first.entry(text).or_insert_with(|| ty.clone());
        let span = ty.span();
        let krate = self.krate.at(span);
        let check = quote_spanned!(span=> #krate::__private::is_payload::<#ty>());
        if is_new {
            self.checks.push(quote_spanned!(span=> #check;));
        }
        quote_spanned!(span=> #krate::__private::Checked<#ty, { #check }>)
    }
}

impl VisitMut for Elements<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if is_collection(ty) {
            return syn::visit_mut::visit_type_mut(self, ty);
        }
        *ty = Type::Verbatim(self.check(ty));
    }

    // Does nothing: the only expression in a type is the length of an array, which contains no element type.
    fn visit_expr_mut(&mut self, _: &mut syn::Expr) {}
}

/// Returns whether the type is a collection, judging by its name. Arrays, tuples, options, boxes and `Retired` also
/// count as collections. Serde supports a collection if it supports the elements.
fn is_collection(ty: &Type) -> bool {
    const NAMES: [&str; 9] =
        ["Vec", "Option", "Box", "VecDeque", "BTreeSet", "HashSet", "BTreeMap", "HashMap", "Retired"];
    match ty {
        Type::Array(_) | Type::Paren(_) | Type::Group(_) => true,
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().is_some_and(|last| {
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
            NAMES.iter().any(|name| last.ident == name)
                && arguments.args.iter().all(|argument| match argument {
                    // Serde supports `Box<str>` and `Box<[Plain]>`, but not their unsized elements `str` and `[Plain]`.
                    GenericArgument::Type(Type::Slice(_) | Type::TraitObject(_)) => false,
                    GenericArgument::Type(Type::Path(path)) => !path.path.is_ident("str"),
                    GenericArgument::Type(_) => true,
                    _ => false,
                })
        }),
        _ => false,
    }
}
