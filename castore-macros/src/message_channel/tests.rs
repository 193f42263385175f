use crate::testing::{
    assert_documented_expansion, assert_expansion, generated_lines, macro_body, messages, pretty, starts_with,
};
use proc_macro2::TokenStream;
use quote::quote;

const TYPICAL: &str = r"
message_channel! {
    /// Everything that happens in the game.
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;
}
";

fn typical() -> TokenStream {
    macro_body(TYPICAL)
}

fn refusals(body: TokenStream) -> Vec<String> {
    let expansion = super::message_channel(body);
    let _ = pretty(&expansion);
    messages(&expansion)
}

#[test]
fn typical_channel() {
    assert_documented_expansion("message_channel", TYPICAL, &super::message_channel(typical()));
}

#[test]
fn state_carrying() {
    let body = quote!(
        pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
    );
    assert_expansion("message_channel_state_carrying", &super::message_channel(body));
}

#[test]
fn all_options() {
    let body = quote! {
        /// Who exists.
        #[channel(id = "EXISTING", message = Existing, order = "per_aggregate", crate = ::game::castore)]
        #[cfg(feature = "channels")]
        #[allow(dead_code)]
        pub(crate) type ExistsQueue = castore::AggregateExistsMessageQueue<stores::Pokemon>;
    };
    assert_expansion("message_channel_all_options", &super::message_channel(body));
}

#[test]
fn raw_identifiers() {
    let body = quote!(
        type r#Async = StateCarryingMessageBus<r#Type, Crate>;
    );
    assert_expansion("message_channel_raw", &super::message_channel(body));
}

#[test]
fn stub() {
    let body = quote!(
        type AppBus = NotifcationMessageBus<&Pokemon>;
    );
    assert_expansion("message_channel_stub", &super::message_channel(body));
}

/// Returns the code that the attribute and its hidden derive generate.
fn attribute(attr: TokenStream, item: TokenStream) -> TokenStream {
    let expansion = super::channel(attr, item);
    let Ok(mut source) = syn::parse2::<syn::ItemStruct>(expansion.clone()) else { return expansion };
    let derived = super::derive(expansion);
    source.attrs.remove(0);
    source.attrs.retain(|attr| !attr.path().is_ident(super::ALIAS));
    quote!(#source #derived)
}

#[test]
fn the_attribute_means_the_same() {
    let options = quote!(id = "APP", message = AppMessage);
    let alias = typical();
    let by_attribute = attribute(options.clone(), alias.clone());
    let by_macro = super::message_channel(quote!(#[channel(#options)] #alias));
    assert_eq!(pretty(&by_attribute), pretty(&by_macro));
    let without_options = attribute(quote!(), alias.clone());
    assert_eq!(pretty(&without_options), pretty(&super::message_channel(alias)));
}

#[test]
fn stays_within_the_budget() {
    for (kind, per_source) in [("NotificationMessageBus", 46), ("StateCarryingMessageQueue", 66)] {
        for count in 1..12 {
            let (kind, stores) = (quote::format_ident!("{kind}"), (0..count).map(|i| quote::format_ident!("Store{i}")));
            let expansion = super::message_channel(quote!(pub type AppBus = #kind<#(#stores),*>;));
            let lines = generated_lines(&expansion, &TokenStream::new());
            assert!(lines <= 94 + per_source * count, "{lines} lines for {count} sources of {kind}");
        }
    }
}

#[test]
fn refuses_unknown_kinds() {
    assert_eq!(
        refusals(quote!(
            type AppBus = NotifcationMessageBus<Pokemon>;
        )),
        ["unknown kind of message channel `NotifcationMessageBus`; did you mean `NotificationMessageBus`?"]
    );
    assert_eq!(
        refusals(quote!(
            type AppBus = Vec<Pokemon>;
        )),
        [
            "unknown kind of message channel `Vec`; the kinds are `AggregateExistsMessageQueue`, `AggregateExistsMessageBus`, \
          `NotificationMessageQueue`, `NotificationMessageBus`, `StateCarryingMessageQueue` and `StateCarryingMessageBus`"
        ]
    );
    assert_eq!(
        refusals(quote!(
            type AppBus = (Pokemon, Trainer);
        )),
        ["expected a kind of message channel; write `type AppBus = NotificationMessageBus<Pokemon, Trainer>;`"]
    );
}

#[test]
fn refuses_channels_without_sources() {
    let expected =
        ["message channel `AppBus` has no event stores; list them, as in `NotificationMessageBus<Pokemon, Trainer>`"];
    assert_eq!(
        refusals(quote!(
            type AppBus = NotificationMessageBus;
        )),
        expected
    );
    assert_eq!(
        refusals(quote!(
            type AppBus = NotificationMessageBus;
        )),
        expected
    );
}

#[test]
fn refuses_a_store_listed_twice() {
    let body = quote!(
        type AppBus = NotificationMessageBus<Pokemon, Trainer, Pokemon, Pokemon>;
    );
    assert_eq!(
        refusals(body.clone()),
        [
            "event store `Pokemon` is listed twice; remove one of them",
            "event store `Pokemon` is first listed here",
            "event store `Pokemon` is listed twice; remove one of them",
        ]
    );
    assert_eq!(pretty(&super::message_channel(body)).matches("Carries<Pokemon>").count(), 1);
}

#[test]
fn refuses_two_stores_of_one_name() {
    assert_eq!(
        refusals(quote!(
            type AppBus = NotificationMessageBus<wild::Pokemon, tame::Pokemon>;
        )),
        [
            "event stores `wild::Pokemon` and `tame::Pokemon` would both be variant `Pokemon` of `AppBusMessage`; \
             import one of them under another name, `use tame::Pokemon as OtherPokemon`",
            "`Pokemon` is first used here",
        ]
    );
    assert_eq!(
        refusals(quote!(
            type AppBus = StateCarryingMessageBus<HTTPCall, HttpCall>;
        )),
        [
            "event stores `HTTPCall` and `HttpCall` would both be field `http_call` of `AppBusSources`; \
             import one of them under another name, `use HttpCall as OtherHttpCall`",
            "`HTTPCall` is first used here",
        ]
    );
    assert!(
        refusals(quote!(
            type AppBus = NotificationMessageBus<HTTPCall, HttpCall>;
        ))
        .is_empty()
    );
}

#[test]
fn rejects_items_other_than_stores() {
    assert_eq!(
        refusals(quote!(
            type AppBus = NotificationMessageBus<'a, _, &Pokemon, (A, B), 3, Self>;
        )),
        [
            "a message channel has no lifetimes; remove `'a`",
            "`_` is not an event store; list types with `#[event_store]`",
            "`&Pokemon` is not an event store; list types with `#[event_store]`",
            "`(A, B)` is not an event store; list types with `#[event_store]`",
            "`3` is not an event store; list types with `#[event_store]`",
            "`Self` is not an event store; list types with `#[event_store]`",
        ]
    );
}

#[test]
fn refuses_generics() {
    assert_eq!(
        refusals(quote!(
            type AppBus<T> = NotificationMessageBus<T>;
        )),
        ["message channel `AppBus` is generic; write concrete types instead of the parameters"]
    );
}

#[test]
fn refuses_bad_options() {
    let options = |options: TokenStream| {
        refusals(quote!(
            #[channel(#options)]
            type AppBus = NotificationMessageBus<Pokemon>;
        ))
    };
    assert_eq!(options(quote!(mesage = A)), ["unknown option `mesage` of `#[channel]`; did you mean `message`?"]);
    assert_eq!(
        options(quote!(id = "")),
        ["the message channel's id is empty; write a name, such as `id = \"APP_BUS\"`"]
    );
    assert_eq!(
        options(quote!(order = "per-aggregate")),
        ["unknown `order` value `per-aggregate`; did you mean `per_aggregate`?"]
    );
    assert_eq!(
        options(quote!(order = "fifo")),
        ["unknown `order` value `fifo`; the values are `none` and `per_aggregate`"]
    );
    assert_eq!(
        options(quote!(message = "AppMessage")),
        ["option `message` takes a name; write `message = AppMessage` without quotes"]
    );
    assert_eq!(
        options(quote!(message = AppBus)),
        ["the messages and the message channel are both called `AppBus`; write `message = AppBusMessage`"]
    );
    assert_eq!(
        refusals(quote!(
            #[channel = "A"]
            type AppBus = NotificationMessageBus<Pokemon>;
        )),
        ["`#[channel]` needs its options in parentheses; write `#[channel(id = \"APP_BUS\")]`"]
    );
}

#[test]
fn refuses_other_items_and_keeps_them() {
    let body = quote! {
        struct Keep;
        type Broken;
        pub type AppBus = NotificationMessageBus<Pokemon>;
    };
    let expansion = pretty(&super::message_channel(body.clone()));
    assert!(expansion.starts_with("struct Keep;") && expansion.contains("pub struct AppBus"), "{expansion}");
    let write = "write `type AppBus = NotificationMessageBus<Pokemon, Trainer>;`";
    assert_eq!(
        refusals(body),
        [
            format!("expected a message channel; {write}"),
            format!("`message_channel!` holds `type` aliases; move the struct `Keep` out of it, or {write}"),
        ]
    );
    let item = quote!(
        struct AppBus;
    );
    let expansion = super::channel(quote!(), item.clone());
    assert!(starts_with(&expansion, &item));
    assert_eq!(
        messages(&expansion),
        [format!("`#[channel]` belongs on a `type` alias, not on struct `AppBus`; {write}")]
    );
}

#[test]
fn continues_after_tokens_that_are_not_an_item() {
    let body = quote!(AppBus = NotificationMessageBus<Pokemon>; pub type Other = NotificationMessageBus<Pokemon>;);
    let expansion = super::message_channel(body);
    assert_eq!(messages(&expansion).len(), 1);
    assert!(pretty(&expansion).contains("pub struct Other"));
}

#[test]
fn an_empty_body_is_no_mistake() {
    assert!(super::message_channel(quote!()).is_empty());
}
