//! Handling of generic parameters, which castore rejects. The code that is generated together with the error still
//! compiles, so that there is only one error.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::visit_mut::VisitMut;
use syn::{GenericParam, Generics, Lifetime, Path, Type, TypeImplTrait};

/// The generic parameters and the where clause of an impl for a generic item, and the generic arguments of the item's
/// type.
pub(crate) struct ImplGenerics {
    pub(crate) parameters: TokenStream,
    pub(crate) arguments: TokenStream,
    pub(crate) where_clause: TokenStream,
}

impl ImplGenerics {
    /// Returns the generics for `impl<T: Clone + Send + Sync + 'static> … for Pokemon<'static, T>`. They are empty if
    /// the item is not generic.
    pub(crate) fn of(generics: &Generics) -> Self {
        let mut generics = generics.clone();
        MakeStatic.visit_generics_mut(&mut generics);
        let mut parameters = Vec::new();
        let mut arguments = Vec::new();
        for parameter in &generics.params {
            match parameter {
                GenericParam::Lifetime(_) => arguments.push(quote!('static)),
                GenericParam::Type(parameter) => {
                    let (name, bounds) = (&parameter.ident, parameter.bounds.iter());
                    let ours = quote!(::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static);
                    parameters.push(quote!(#name: #(#bounds +)* #ours));
                    arguments.push(name.to_token_stream());
                }
                GenericParam::Const(parameter) => {
                    let (name, ty) = (&parameter.ident, &parameter.ty);
                    parameters.push(quote!(const #name: #ty));
                    arguments.push(name.to_token_stream());
                }
            }
        }
        let in_angles = |list: Vec<TokenStream>| if list.is_empty() { quote!() } else { quote!(<#(#list),*>) };
        Self {
            parameters: in_angles(parameters),
            arguments: in_angles(arguments),
            where_clause: generics.where_clause.to_token_stream(),
        }
    }
}

/// Returns the tokens that make an item generic, for the span of an error: the parameters, or else the where clause.
pub(crate) fn generic_tokens(generics: &Generics) -> Option<TokenStream> {
    match (generics.params.is_empty(), &generics.where_clause) {
        (false, _) => Some(generics.to_token_stream()),
        (true, Some(where_clause)) => Some(where_clause.to_token_stream()),
        // `struct Pokemon<>` is not generic.
        (true, None) => None,
    }
}

/// A visitor that replaces every lifetime with `'static`.
struct MakeStatic;

impl VisitMut for MakeStatic {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        *lifetime = Lifetime::new("'static", Span::call_site());
    }
}

/// A visitor that replaces `impl Trait` with `_`, for types that the generated code repeats and the compiler must
/// infer.
pub(crate) struct InferImplTrait;

impl VisitMut for InferImplTrait {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(TypeImplTrait { .. }) = ty {
            *ty = Type::Verbatim(quote!(_));
        }
        syn::visit_mut::visit_type_mut(self, ty);
    }
}

/// Returns the type with `Self` replaced by the name of the item, for code outside of the item.
pub(crate) fn without_self(ty: &Type, ident: &Ident) -> Type {
    let mut ty = ty.clone();
    ReplaceSelf { ident }.visit_type_mut(&mut ty);
    ty
}

struct ReplaceSelf<'a> {
    ident: &'a Ident,
}

impl VisitMut for ReplaceSelf<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        if let Some(first) = path.segments.first_mut().filter(|first| first.ident == "Self") {
            let span = first.ident.span();
            first.ident = self.ident.clone();
            first.ident.set_span(span);
        }
        syn::visit_mut::visit_path_mut(self, path);
    }
}
