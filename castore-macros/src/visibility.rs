//! The user's visibility, seen from a module one level deeper.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{VisRestricted, Visibility};

/// Returns the visibility of an item in a module beside the function, so that it is visible wherever the function is.
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
        // An absolute path from the root of the crate.
        restricted.to_token_stream()
    }
}
