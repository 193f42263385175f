//! Checks of message channels.

use super::model::{Channel, Source};
use crate::casing;
use crate::errors::Errors;
use crate::generics::generic_tokens;
use crate::names::check_name;
use quote::format_ident;
use syn::Type;

/// Reports mistakes, and removes the rejected parts from the channel, so that the rest of the channel works.
pub(super) fn check(channel: &mut Channel<'_>, errors: &mut Errors) {
    check_generics(channel, errors);
    check_id(channel, errors);
    check_name_is_free(channel, errors);
    check_message(channel, errors);
    check_not_empty(channel, errors);
    check_listed_once(channel, errors);
    check_names(channel, errors);
}

fn check_generics(channel: &Channel<'_>, errors: &mut Errors) {
    if let Some(tokens) = generic_tokens(&channel.source.generics) {
        let name = channel.name();
        errors
            .on(tokens, format!("message channel `{name}` is generic; write concrete types instead of the parameters"));
    }
}

fn check_id(channel: &Channel<'_>, errors: &mut Errors) {
    if let Some(id) = &channel.attr.id {
        let example = format!("id = \"{}\"", casing::screaming_snake_case(&channel.name()));
        check_name(&id.value(), id, "the message channel's id", &example, errors);
    }
}

/// Rejects a channel that has the same name as one of its event stores, because the two are different types.
fn check_name_is_free(channel: &Channel<'_>, errors: &mut Errors) {
    let name = channel.name();
    if channel.has_name_of_a_source() {
        let suffix = channel.kind.topology_marker();
        errors.on(
            channel.ident(),
            format!(
                "the message channel and its event store are both called `{name}`; call the channel `{name}{suffix}`"
            ),
        );
    }
}

/// Rejects a message enum that has the name of its channel or of one of the channel's event stores, because the enum is a
/// separate type.
fn check_message(channel: &mut Channel<'_>, errors: &mut Errors) {
    let name = channel.name();
    let Some(message) = &channel.attr.message else { return };
    let text = casing::text(message);
    if text == name {
        errors.on(
            message,
            format!("the messages and the message channel are both called `{name}`; write `message = {name}Message`"),
        );
        channel.attr.message = None;
    } else if channel.sources.iter().any(|source| source.path() == text) {
        errors.on(
            message,
            format!("the messages and their event store are both called `{text}`; write `message = {name}Message`"),
        );
        channel.attr.message = None;
    }
}

fn check_not_empty(channel: &Channel<'_>, errors: &mut Errors) {
    let (name, kind) = (channel.name(), channel.kind.name());
    let has_arguments = match &*channel.source.ty {
        Type::Path(ty) => ty.path.segments.last().is_some_and(|segment| !segment.arguments.is_empty()),
        // The channel was already rejected as a whole.
        _ => true,
    };
    // Sources that were already rejected count as listed.
    if !has_arguments {
        errors.on(
            &channel.source.ty,
            format!("message channel `{name}` has no event stores; list them, as in `{kind}<Pokemon, Trainer>`"),
        );
    }
}

fn check_listed_once(channel: &mut Channel<'_>, errors: &mut Errors) {
    let mut kept: Vec<Source> = Vec::new();
    let mut reported: Vec<String> = Vec::new();
    for source in std::mem::take(&mut channel.sources) {
        let path = source.path();
        let Some(first) = kept.iter().find(|first| first.path() == path) else {
            kept.push(source);
            continue;
        };
        let name = &source.name;
        errors.on(&source.ty, format!("event store `{name}` is listed twice; remove one of them"));
        if !reported.contains(&path) {
            errors.on(&first.ty, format!("event store `{name}` is first listed here"));
            reported.push(path);
        }
    }
    channel.sources = kept;
}

/// Rejects two event stores with the same name, because the macro would generate the same variant of the message enum,
/// and the same field of the struct with the sources, for both of them.
fn check_names(channel: &mut Channel<'_>, errors: &mut Errors) {
    let message = casing::text(&channel.message_ident());
    let state_carrying = channel.kind.is_state_carrying();
    let mut checked: Vec<Source> = Vec::new();
    for (i, mut source) in std::mem::take(&mut channel.sources).into_iter().enumerate() {
        let same = |first: &&Source| first.name == source.name || (state_carrying && first.field == source.field);
        if let Some(first) = checked.iter().find(same) {
            let (name, part) = if first.name == source.name {
                (&source.name, format!("variant `{}` of `{message}`", source.name))
            } else {
                (&source.name, format!("field `{}` of `{}`", source.field, casing::text(&channel.sources_ident())))
            };
            let path = source.path();
            errors.on(
                &source.ty,
                format!(
                    "event stores `{}` and `{path}` would both be {part}; \
                     import one of them under another name, `use {path} as Other{name}`",
                    first.path()
                ),
            );
            errors.on(&first.ty, format!("`{name}` is first used here", name = first.name));
            // The source stays in the channel under a unique name, so that connecting it causes no second error.
            source.variant = format_ident!("{}{}", source.variant, i + 1);
            source.field = format_ident!("{}{}", casing::snake_case(name), i + 1);
        }
        checked.push(source);
    }
    channel.sources = checked;
}
