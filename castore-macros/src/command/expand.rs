//! The code that `#[command]` generates.

use super::attr::CommandAttr;
use super::model::Command;
use super::types::CommandTypes;
use crate::attrs::cfgs;
use crate::casing;
use crate::generics::InferImplTrait;
use crate::visibility::one_deeper;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::visit_mut::VisitMut as _;
use syn::{FnArg, PathArguments, ReturnType, Signature, Type};

/// Generates the function. The function repeats the user's body after each conflict, until no retries are left:
///
/// ```text
/// pub async fn catch_pokemon(input: CatchPokemon, pokemons: &impl Store<Pokemon>) -> Result<Caught, CatchError> {
///     let mut __attempts = ::castore::__private::CommandAttempts::new("CATCH_POKEMON", 10);
///     loop {
///         let input = Clone::clone(&input);
///         let __outcome: Result<Caught, CatchError> = __attempts.run(async { … }).await;
///         let __error = { use ErrorOutcome as _; CommandOutcome::of(&__outcome).error() };
///         let Some(__conflict) = __attempts.conflict(__error) else { return __outcome };
///         log_conflict(__conflict.error, __conflict.attempt, __conflict.retries_left).await;
///         if __conflict.retries_left == 0 {
///             return __outcome;
///         }
///         __attempts.pause().await;
///     }
/// }
/// ```
///
/// The loop is inline, because the future of a helper with an `AsyncFn` parameter would not be `Send`.
pub(super) fn expand_function(command: &Command, attr: &CommandAttr) -> TokenStream {
    let Command { attrs, vis, body, .. } = command;
    let krate = &attr.krate;
    let signature = expand_signature(command);
    let renewals = command.parameters().into_iter().filter_map(|parameter| parameter.renew);
    // The constants of the module are not used here, because the module does not exist for an associated function.
    let (id, retries) = (command_id(command, attr), Literal::u32_unsuffixed(attr.retries));
    let output = output_type(command);
    // The compiler underlines this span if it cannot search the error type for a conflict. The local variables have
    // the same span, because inside a `macro_rules!`, a name with a different span is a different name.
    let span = error_type(&output).span();
    let [attempts, outcome, error, conflict] =
        ["__attempts", "__outcome", "__error", "__conflict"].map(|name| Ident::new(name, span));
    let find_error = quote_spanned!(span=> #krate::__private::CommandOutcome::of(&#outcome).error());
    let backoff = attr.backoff.as_ref().map(|backoff| quote_spanned!(backoff.span()=> .backoff(#backoff)));
    let hook = attr.on_event_already_exists.as_ref().map(|hook| {
        let span = hook.span();
        quote_spanned!(span=> #hook(#conflict.error, #conflict.attempt, #conflict.retries_left).await;)
    });
    quote! {
        #(#attrs)*
        #vis #signature {
            let mut #attempts = #krate::__private::CommandAttempts::new(#id, #retries)#backoff;
            loop {
                #(#renewals)*
                let #outcome: #output = #attempts.run(async { #body }).await;
                let #error = {
                    use #krate::__private::ErrorOutcome as _;
                    #find_error
                };
                let ::core::option::Option::Some(#conflict) = #attempts.conflict(#error) else { return #outcome };
                #hook
                if #conflict.retries_left == 0 {
                    return #outcome;
                }
                #attempts.pause().await;
            }
        }
    }
}

/// Returns the user's signature. Patterns that would move or change a parameter are replaced by names, so that every
/// attempt can read the parameter again.
fn expand_signature(command: &Command) -> Signature {
    let mut signature = command.signature.clone();
    let patterns = command.parameters().into_iter().map(|parameter| parameter.pattern);
    let typed = signature.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (typed, pattern) in typed.zip(patterns) {
        *typed.pat = syn::Pat::Verbatim(pattern);
    }
    signature
}

/// Returns the type of an attempt's outcome. The generated code names the type, because `?` in the body needs it.
fn output_type(command: &Command) -> Type {
    match &command.signature.output {
        ReturnType::Default => Type::Verbatim(quote!(())),
        ReturnType::Type(_, ty) => {
            let mut ty = (**ty).clone();
            InferImplTrait.visit_type_mut(&mut ty);
            ty
        }
    }
}

/// Returns the tokens that the compiler underlines in errors about the error type: the second type argument of the
/// `Result`, or the whole return type if it has no second argument.
fn error_type(output: &Type) -> TokenStream {
    let Type::Path(path) = output else { return output.to_token_stream() };
    match path.path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => match arguments.args.get(1) {
            Some(error) => error.to_token_stream(),
            None => output.to_token_stream(),
        },
        _ => output.to_token_stream(),
    }
}

/// Generates the module of the command:
///
/// ```text
/// /// The command `CATCH_POKEMON`.
/// pub mod catch_pokemon {
///     /// The command's id.
///     pub const ID: &str = "CATCH_POKEMON";
///     /// The maximum number of retries after version conflicts.
///     pub const RETRIES: u32 = 10;
///     // the types
/// }
/// ```
pub(super) fn expand_module(command: &Command, attr: &CommandAttr, types: &CommandTypes<'_>) -> TokenStream {
    let (vis, ident, retries) = (&command.vis, command.ident(), Literal::u32_unsuffixed(attr.retries));
    let cfgs = cfgs(&command.attrs);
    let id = command_id(command, attr);
    let doc = format!(" The command `{id}`.");
    let item_vis = one_deeper(vis);
    let aliases = types.expand_aliases(command, attr);
    let beside = types.expand_beside(command, attr);
    quote! {
        #(#cfgs)*
        #beside
        #[doc = #doc]
        #vis mod #ident {
            /// The command's id.
            #item_vis const ID: &str = #id;
            /// The maximum number of retries after version conflicts.
            #item_vis const RETRIES: u32 = #retries;
            #aliases
        }
    }
}

fn command_id(command: &Command, attr: &CommandAttr) -> String {
    let default = || casing::screaming_snake_case(&casing::text(command.ident()));
    attr.id.as_ref().map_or_else(default, |id| id.value())
}
