//! The user's visibility, written for a module that is one level deeper.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{VisRestricted, Visibility};

/// Returns the visibility for an item in a generated module, so that the item is visible wherever the user's item is.
pub(crate) fn one_deeper(vis: &Visibility) -> TokenStream {
    let restricted = match vis {
        Visibility::Public(_) => return vis.to_token_stream(),
        Visibility::Inherited => return quote!(pub(super)),
        Visibility::Restricted(restricted) => restricted,
    };
    let VisRestricted { path, .. } = restricted;
    let starts_with = |name: &str| path.segments.first().is_some_and(|first| first.ident == name);
    if path.is_ident("self") {
        quote!(pub(super))
    } else if starts_with("super") {
        quote!(pub(in super::#path))
    } else if starts_with("self") {
        let rest = path.segments.iter().skip(1);
        quote!(pub(in super #(::#rest)*))
    } else {
        // An absolute path, from the root of the crate, has the same meaning in the module.
        restricted.to_token_stream()
    }
}
