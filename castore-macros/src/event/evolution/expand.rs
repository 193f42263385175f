//! The code that `from(…)` and `other` generate.

use super::retired_type::RetiredType;
use crate::event::model::{EventEnum, Variant};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Fields, Type};

/// Returns the documentation of a variant in the generated enum of event types.
pub(in crate::event) fn type_doc(variant: &Variant<'_>) -> String {
    if variant.other.is_some() {
        return " All event types that are not declared.".to_owned();
    }
    let retired: Vec<String> = variant.from.iter().map(|retired| format!("`{}`", retired.name.value())).collect();
    match retired.as_slice() {
        [] => format!(" `{}`", variant.event_type),
        retired => format!(" `{}`, also read from {}", variant.event_type, retired.join(", ")),
    }
}

/// Generates the items of `EventType` for retired and undeclared event types.
///
/// ```text
/// const OTHER: Option<Self> = Some(Self::Unknown);
/// const RETIRED: &'static [&'static str] = &["CAUGHT_OR_STOLEN"];
/// fn retired_names(self) -> &'static [&'static str] {
///     match self { Self::Appeared => &["APPEARED"], _ => &[] }
/// }
/// ```
pub(in crate::event) fn event_type_items(event: &EventEnum<'_>) -> TokenStream {
    let other = event
        .other()
        .map(Variant::ident)
        .map(|other| quote!(const OTHER: ::core::option::Option<Self> = ::core::option::Option::Some(Self::#other);));
    let names = |from: &[RetiredType]| -> Vec<_> { from.iter().map(|retired| retired.name.clone()).collect() };
    let any = Some(names(&event.from)).filter(|any| !any.is_empty());
    let any = any.map(|any| quote!(const RETIRED: &'static [&'static str] = &[#(#any),*];));
    let arms: Vec<_> = event
        .declared()
        .filter(|variant| !variant.from.is_empty())
        .map(|variant| {
            let (ident, names) = (variant.ident(), names(&variant.from));
            quote!(Self::#ident => &[#(#names),*])
        })
        .collect();
    let retired_names = (!arms.is_empty()).then(|| {
        quote! {
            fn retired_names(self) -> &'static [&'static str] {
                #[allow(unreachable_patterns)]
                match self {
                    #(#arms,)*
                    _ => &[],
                }
            }
        }
    });
    quote!(#other #any #retired_names)
}

/// Generates the body of `Event::serialize_tagged`. Events of undeclared types are serialized without the mirror.
///
/// ```text
/// match self {
///     Self::Unknown(__other) => __other.serialize_tagged(__serializer),
///     #[allow(unreachable_patterns)]
///     __declared => __Mirror::serialize(__declared, __serializer),
/// }
/// ```
pub(in crate::event) fn serialize(event: &EventEnum<'_>) -> TokenStream {
    let Some(other) = event.other().map(Variant::ident) else { return quote!(__Mirror::serialize(self, __serializer)) };
    quote! {
        match self {
            Self::#other(__other) => __other.serialize_tagged(__serializer),
            #[allow(unreachable_patterns)]
            __declared => __Mirror::serialize(__declared, __serializer),
        }
    }
}

/// Generates the items of `Event` that read events whose stored event type is not that of any variant.
///
/// ```text
/// const READS_OTHERS: bool = true;
/// fn deserialize_other<'de, __D: Deserializer<'de>>(
///     __other: OtherType<'_, __D>,
/// ) -> Result<Self, ReadEventError<__D::Error>> {
///     match __other.event_type() {
///         "APPEARED" => {
///             let __old = __other.read::<AppearedV1>()?;
///             let __old = <AppearedV2 as UpcastFrom<AppearedV1>>::upcast(__old)?;
///             same_variant(<Self as UpcastFrom<AppearedV2>>::upcast(__old)?, PokemonEventType::Appeared)
///         }
///         "CAUGHT" => __other.read_as("CAUGHT_BY_TRAINER"),
///         _ => __other.keep().map(Self::Unknown),
///     }
/// }
/// ```
pub(in crate::event) fn event_items(event: &EventEnum<'_>) -> TokenStream {
    let krate = &event.krate;
    let arms: Vec<_> = event.retired().map(|(variant, retired)| read_retired(event, variant, retired)).collect();
    if arms.is_empty() && event.other().is_none() {
        return TokenStream::new();
    }
    let type_name = event.other().map(|other| type_name(event, other));
    let rest = match event.other().map(Variant::ident) {
        Some(other) => quote!(__other.keep().map(Self::#other)),
        None => quote!(::core::result::Result::Err(#krate::__private::ReadEventError::UnknownType)),
    };
    quote! {
        const READS_OTHERS: bool = true;
        #type_name
        fn deserialize_other<'de, __D: #krate::__private::serde::Deserializer<'de>>(
            __other: #krate::__private::OtherType<'_, __D>,
        ) -> ::core::result::Result<Self, #krate::__private::ReadEventError<__D::Error>> {
            match __other.event_type() {
                #(#arms)*
                _ => #rest,
            }
        }
    }
}

fn type_name(event: &EventEnum<'_>, other: &Variant<'_>) -> TokenStream {
    let (krate, other) = (&event.krate, other.ident());
    quote! {
        fn type_name(&self) -> &str {
            match self {
                Self::#other(__other) => __other.event_type(),
                #[allow(unreachable_patterns)]
                __declared => #krate::EventType::as_str(#krate::Event::event_type(__declared)),
            }
        }
    }
}

/// Generates the match arm that reads a retired event type. `variant` is `None` if the event may become any variant.
///
/// An error about a conversion between two listed types points at the second type, and an error about the final
/// conversion points at the last listed type. For this purpose, all tokens of a conversion have the span of the type at
/// which the error points.
fn read_retired(event: &EventEnum<'_>, variant: Option<&Variant<'_>>, retired: &RetiredType) -> TokenStream {
    let (krate, name) = (&event.krate, &retired.name);
    let Some((first, rest)) = retired.payloads.split_first() else {
        let event_type = variant.map(|variant| &variant.event_type);
        return quote!(#name => __other.read_as(#event_type),);
    };
    let span = first.span();
    // The variables have the hygiene of the generated function, even if the user's types come from another macro.
    let [old_name, other_name] = ["__old", "__other"].map(|name| Ident::new(name, Span::call_site()));
    let mut steps = quote_spanned!(span=> let #old_name = #other_name.read::<#first>()?;);
    let mut old = first;
    for next in rest {
        let upcast = upcast(event, next.to_token_stream(), old, next.span());
        steps.extend(quote!(let __old = #upcast;));
        old = next;
    }
    // `Self` has the span of the user's type. With a span from a macro's expansion, the compiler would point at the
    // derive.
    let into_enum = || upcast(event, quote_spanned!(old.span()=> Self), old, old.span());
    let result = match variant {
        None => {
            let new = into_enum();
            quote!(::core::result::Result::Ok(#new))
        }
        Some(variant) => {
            let (ident, type_ident, module) = (variant.ident(), event.type_ident(), event.type_module());
            match &variant.source.fields {
                Fields::Unnamed(fields) => {
                    let payload = fields.unnamed.first().map(|field| at_span(field.ty.to_token_stream(), old.span()));
                    let new = upcast(event, payload.unwrap_or_default(), old, old.span());
                    quote!(::core::result::Result::Ok(Self::#ident(#new)))
                }
                Fields::Named(_) | Fields::Unit => {
                    let new = into_enum();
                    quote!(#krate::__private::same_variant(#new, #module::#type_ident::#ident))
                }
            }
        }
    };
    quote!(#name => { #steps #result })
}

/// Generates a conversion: `<AppearedV2 as ::castore::event::UpcastFrom<AppearedV1>>::upcast(__old)?`.
fn upcast(event: &EventEnum<'_>, new: TokenStream, old: &Type, span: Span) -> TokenStream {
    let (krate, new) = (event.krate.at(span), at_span(new, span));
    let old_name = Ident::new("__old", Span::call_site());
    quote_spanned!(span=> <#new as #krate::event::UpcastFrom<#old>>::upcast(#old_name)?)
}

/// Changes the source location of tokens, and keeps their hygiene.
fn at_span(tokens: TokenStream, span: Span) -> TokenStream {
    let at = |token: TokenTree| match token {
        TokenTree::Group(group) => {
            let mut moved = proc_macro2::Group::new(group.delimiter(), at_span(group.stream(), span));
            moved.set_span(group.span().located_at(span));
            TokenTree::Group(moved)
        }
        mut token => {
            token.set_span(token.span().located_at(span));
            token
        }
    };
    tokens.into_iter().map(at).collect()
}
