//! The types in the signature of a command, which the generated module exposes as aliases.

use super::attr::CommandAttr;
use super::model::Command;
use crate::casing;
use crate::text;
use crate::visibility::one_deeper;
use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use std::collections::HashSet;
use syn::visit_mut::{self, VisitMut};
use syn::{Generics, Ident, Lifetime, Pat, ReturnType, Type, TypeReference};

/// The types in the signature of a command, as far as an alias can name them.
pub(super) struct CommandTypes<'a> {
    input: Option<&'a Type>,
    context: Option<&'a Type>,
    outcome: Option<&'a Type>,
}

impl<'a> CommandTypes<'a> {
    pub(super) fn of(command: &'a Command) -> Self {
        let generics = &command.signature.generics;
        let parameter = |name: &str| {
            let parameters = command.parameters().into_iter().map(|parameter| parameter.source);
            let mut named = parameters.filter(|parameter| match &*parameter.pat {
                Pat::Ident(pattern) => casing::text(&pattern.ident).trim_start_matches('_') == name,
                _ => false,
            });
            let parameter = named.next().filter(|parameter| parameter.attrs.is_empty())?;
            Some(behind_reference(&parameter.ty)).filter(|ty| is_nameable(ty, generics))
        };
        let outcome = match &command.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(&**ty).filter(|ty| is_nameable(ty, generics)),
        };
        Self { input: parameter("input"), context: parameter("context"), outcome }
    }

    fn is_empty(&self) -> bool {
        self.input.is_none() && self.context.is_none() && self.outcome.is_none()
    }

    /// Generates the items of the module:
    ///
    /// ```text
    /// #[doc(hidden)]
    /// pub enum __Types {}
    /// /// The type of the parameter `input`: `CatchPokemon`.
    /// pub type Input = <__Types as ::castore::__private::CommandTypes>::Input;
    /// ```
    ///
    /// The module does not name the user's types directly, because it cannot see types that are declared inside a
    /// function.
    pub(super) fn expand_aliases(&self, command: &Command, attr: &CommandAttr) -> TokenStream {
        if self.is_empty() {
            return TokenStream::new();
        }
        let (krate, vis) = (&attr.krate, one_deeper(&command.vis));
        let types = quote!(<__Types as #krate::__private::CommandTypes>);
        let parameters = [("input", "Input", self.input), ("context", "Context", self.context)];
        let parameters = parameters.into_iter().filter_map(|(name, alias, ty)| {
            let doc = format!(" The type of the parameter `{name}`: `{}`.", text::compact(ty?.to_token_stream()));
            let alias = Ident::new(alias, proc_macro2::Span::call_site());
            Some(quote! {
                #[doc = #doc]
                #vis type #alias = #types::#alias;
            })
        });
        let outcome = self.outcome.map(|_| {
            quote! {
                /// The type of the `Ok` value of the result.
                #vis type Output = <#types::Outcome as #krate::__private::CommandResult>::Output;
                /// The type of the error.
                #vis type Error = <#types::Outcome as #krate::__private::CommandResult>::Error;
            }
        });
        quote! {
            #[doc(hidden)]
            #[derive(::core::fmt::Debug)]
            #vis enum __Types {}
            #(#parameters)*
            #outcome
        }
    }

    /// Generates an attribute of the module, which adds an impl next to the module. There, unlike inside the module,
    /// the names that the user wrote resolve. The impl is part of an attribute for commands inside an `impl` block: in
    /// such a block, modules are not allowed, and the compiler reports only the module:
    ///
    /// ```text
    /// #[::castore::__private::beside(impl ::castore::__private::CommandTypes for catch_pokemon::__Types {
    ///     type Input = CatchPokemon;
    ///     type Context = ();
    ///     type Outcome = Result<Caught, CatchError>;
    /// })]
    /// ```
    pub(super) fn expand_beside(&self, command: &Command, attr: &CommandAttr) -> TokenStream {
        if self.is_empty() {
            return TokenStream::new();
        }
        let (krate, ident) = (&attr.krate, command.ident());
        let [input, context, outcome] =
            [self.input, self.context, self.outcome].map(|ty| ty.map_or_else(|| quote!(()), |ty| ty.to_token_stream()));
        quote! {
            #[#krate::__private::beside(#[automatically_derived] #[allow(deprecated)] impl #krate::__private::CommandTypes for #ident::__Types {
                type Input = #input;
                type Context = #context;
                type Outcome = #outcome;
            })]
        }
    }
}

fn behind_reference(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => behind_reference(&reference.elem),
        Type::Group(group) => behind_reference(&group.elem),
        Type::Paren(paren) => behind_reference(&paren.elem),
        _ => ty,
    }
}

/// Returns whether the type can be written outside of the function: it contains no generic parameter of the function,
/// no lifetime except `'static`, no `Self`, no `impl Trait`, no `_` and no macro call.
fn is_nameable(ty: &Type, generics: &Generics) -> bool {
    let parameters = generics.type_params().map(|parameter| &parameter.ident);
    let parameters = parameters.chain(generics.const_params().map(|parameter| &parameter.ident)).collect();
    let mut search = LocalParts { parameters, is_found: false };
    search.visit_type_mut(&mut ty.clone());
    !search.is_found
}

/// A visitor that searches a type for parts that have a meaning only in the signature of the function.
struct LocalParts<'a> {
    parameters: HashSet<&'a Ident>,
    is_found: bool,
}

impl VisitMut for LocalParts<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        self.is_found |= matches!(ty, Type::ImplTrait(_) | Type::Infer(_) | Type::Macro(_) | Type::Verbatim(_));
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        self.is_found |= reference.lifetime.is_none();
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        self.is_found |= lifetime.ident != "static";
    }

    fn visit_ident_mut(&mut self, ident: &mut Ident) {
        self.is_found |= *ident == "Self" || self.parameters.contains(&*ident);
    }
}
