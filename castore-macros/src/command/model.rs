//! The parsed form of a command.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, Pat, PatIdent, PatType, Signature, Type, Visibility, braced};

/// The function with the attribute `#[command]`.
pub(super) struct Command {
    /// The attributes of the function, including the inner attributes at the start of its body. They cannot stay in the
    /// body, because the body becomes part of a loop.
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) signature: Signature,
    /// The unparsed body, so that code completion in an editor works even if the body is incomplete.
    pub(super) body: TokenStream,
}

impl Parse for Command {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let signature = input.parse()?;
        let content;
        braced!(content in input);
        for mut inner in content.call(Attribute::parse_inner)? {
            inner.style = syn::AttrStyle::Outer;
            attrs.push(inner);
        }
        Ok(Self { attrs, vis, signature, body: content.parse()? })
    }
}

impl Command {
    pub(super) fn ident(&self) -> &Ident {
        &self.signature.ident
    }

    /// Returns the parameters, in order.
    pub(super) fn parameters(&self) -> Vec<Parameter<'_>> {
        let typed = self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        typed.enumerate().map(|(index, source)| Parameter::read(index, source)).collect()
    }
}

/// A parameter, and the code that provides its value to each attempt (the first run, and each retry after a conflict).
pub(super) struct Parameter<'a> {
    pub(super) source: &'a PatType,
    /// The name in the generated function.
    pub(super) pattern: TokenStream,
    /// The statement that clones or rebinds the parameter at the start of an attempt, if the parameter needs one.
    pub(super) renew: Option<TokenStream>,
}

impl<'a> Parameter<'a> {
    /// Reads a parameter. The generated code depends on its pattern and type:
    ///
    /// | written | in the signature | in an attempt |
    /// |---|---|---|
    /// | `input: &Input` | `input` | |
    /// | `mut input: &Input` | `input` | `let mut input = input;` |
    /// | `mut input: Input` | `input` | `let mut input = Clone::clone(&input);` |
    /// | `Input { id }: Input` | `__parameter0` | `let Input { id } = Clone::clone(&__parameter0);` |
    fn read(index: usize, source: &'a PatType) -> Self {
        let (pattern, is_reference) = (&source.pat, is_reference(&source.ty));
        match &**pattern {
            Pat::Wild(_) => Self { source, pattern: quote!(_), renew: None },
            Pat::Ident(PatIdent { by_ref: None, subpat: None, mutability, ident, .. }) => {
                let renew = match (is_reference, mutability) {
                    (true, None) => None,
                    (true, Some(_)) => Some(quote!(let #pattern = #ident;)),
                    (false, _) => Some(renew(pattern, ident)),
                };
                Self { source, pattern: ident.to_token_stream(), renew }
            }
            // A pattern that matches a reference binds references, which every attempt can copy.
            _ if is_reference => Self { source, pattern: pattern.to_token_stream(), renew: None },
            _ => {
                let ident = format_ident!("__parameter{index}", span = pattern.span());
                let renew = Some(renew(pattern, &ident));
                Self { source, pattern: ident.to_token_stream(), renew }
            }
        }
    }
}

/// Generates the statement that clones a parameter. If the parameter cannot be cloned, the compiler underlines its
/// pattern.
fn renew(pattern: &Pat, ident: &Ident) -> TokenStream {
    let clone = quote_spanned!(pattern.span()=> ::core::clone::Clone::clone(&#ident));
    quote!(let #pattern = #clone;)
}

fn is_reference(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        Type::Group(group) => is_reference(&group.elem),
        Type::Paren(paren) => is_reference(&paren.elem),
        _ => false,
    }
}
