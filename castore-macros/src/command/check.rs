//! Checks of commands.

use super::attr::CommandAttr;
use super::model::Command;
use crate::casing;
use crate::errors::Errors;
use crate::names::check_name;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{ReturnType, Type};

pub(super) fn check(command: &Command, attr: &CommandAttr, errors: &mut Errors) {
    check_id(command, attr, errors);
    check_async(command, errors);
    check_parameters(command, errors);
    check_takes_store(command, errors);
    check_output(command, errors);
}

fn check_id(command: &Command, attr: &CommandAttr, errors: &mut Errors) {
    let name = casing::text(command.ident());
    let example = format!("id = \"{}\"", casing::screaming_snake_case(&name));
    if !attr.has_id {
        errors.at(Span::call_site(), format!("command `{name}` lacks the option `id`; write `#[command({example})]`"));
    }
    if let Some(id) = &attr.id {
        check_name(&id.value(), id, "the command's id", &example, errors);
    }
}

fn check_async(command: &Command, errors: &mut Errors) {
    if command.signature.asyncness.is_none() {
        let name = casing::text(command.ident());
        errors.on(command.signature.fn_token, format!("command `{name}` is not async; write `async fn {name}`"));
    }
}

/// Rejects parameters that a retry could not use again: `self` and mutable references. After a conflict, a command is
/// retried with the same input.
fn check_parameters(command: &Command, errors: &mut Errors) {
    if let Some(receiver) = command.signature.receiver() {
        errors.on(
            receiver,
            "a command must be a free function, not a method; pass the values that it needs from `self` as parameters",
        );
    }
    for parameter in command.parameters() {
        if let Some(tokens) = mutable_reference(&parameter.source.ty) {
            errors.on(
                tokens,
                "a command may run again with the same input, so it cannot take `&mut`; \
                 take `&`, or a value that implements `Clone`",
            );
        }
    }
}

fn mutable_reference(ty: &Type) -> Option<TokenStream> {
    match ty {
        Type::Reference(reference) => {
            let (and, mutability) = (&reference.and_token, reference.mutability.as_ref()?);
            Some(quote!(#and #mutability))
        }
        Type::Group(group) => mutable_reference(&group.elem),
        Type::Paren(paren) => mutable_reference(&paren.elem),
        _ => None,
    }
}

/// Rejects a command without parameters. The macro cannot know whether the type of a parameter is an event store, but a
/// command without parameters certainly takes none.
fn check_takes_store(command: &Command, errors: &mut Errors) {
    if command.signature.inputs.is_empty() {
        let name = casing::text(command.ident());
        errors.on(
            command.ident(),
            format!("command `{name}` takes no event store; add a parameter such as `pokemons: &impl Store<Pokemon>`"),
        );
    }
}

/// Rejects a command that returns nothing. The compiler checks all other return types, because only the compiler can
/// resolve aliases of `Result`.
fn check_output(command: &Command, errors: &mut Errors) {
    let name = casing::text(command.ident());
    let message = format!("command `{name}` returns nothing; write `-> Result<(), …>`");
    match &command.signature.output {
        ReturnType::Default => errors.on(command.ident(), message),
        ReturnType::Type(_, ty) => {
            if matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()) {
                errors.on(ty, message);
            }
        }
    }
}
