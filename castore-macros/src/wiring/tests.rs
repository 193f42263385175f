use crate::testing::{assert_documented_expansion, macro_body, messages};
use proc_macro2::TokenStream;
use quote::quote;

const TYPICAL: &str = r#"wiring! {
    /// The whole game.
    pub struct Game;
    stores: [Pokemon],
    channels: [AppBus],
    consumers: [screen on AppBus],
}
"#;

fn refusals(body: TokenStream) -> Vec<String> {
    messages(&super::wiring(body))
}

#[test]
fn typical() {
    assert_documented_expansion("wiring", TYPICAL, &super::wiring(macro_body(TYPICAL)));
}

#[test]
fn rejects_unknown_lists() {
    assert_eq!(
        refusals(quote!(struct Game; chanels: [AppBus])),
        ["unknown list `chanels` of `wiring!`; did you mean `channels`?"]
    );
}

#[test]
fn rejects_entries_of_other_lists() {
    assert_eq!(
        refusals(quote!(
            struct Game;
            stores: [mailer on MailQueue, "POKEMONS"],
            consumers: [send_mail, "mailer" on MailQueue, mailer of MailQueue, clerk on AppBus ordered],
            relays: [AppBus],
        )),
        [
            "a consumer is not an entry of `stores`; move it to `consumers`",
            "expected a path: the entries of `stores` are the names of items, without quotes",
            "consumer `send_mail` has no message channel; write `send_mail on AppBus` with the channel that it consumes",
            "expected the name of a consumer, as in `mailer on MailQueue`",
            "expected `on` after the name of the consumer, as in `mailer on MailQueue`",
            "unknown word `ordered` after the message channel of consumer `clerk`; write `in_order`, or remove it",
            "expected a relay: the name in quotes and its message channel, as in `\"APP_BUS\" publishes AppBus`",
        ]
    );
}

#[test]
fn rejects_what_is_listed_twice() {
    assert_eq!(
        refusals(quote!(
            struct Game;
            stores: [Pokemon, Pokemon],
            stores: [Trainer],
            channels: [AppBus],
            consumers: [mailer on AppBus, mailer on AppBus],
            relays: ["A" publishes AppBus, "A" publishes AppBus],
            elsewhere: [AuditBus],
        )),
        [
            "list `stores` is given twice; put all entries into one list",
            "list `stores` is first given here",
            "`Pokemon` is listed twice in `stores`; remove one of them",
            "two consumers are called `mailer`; give each its own name",
            "two relays are called \"A\"; give each its own name",
            "`AuditBus` is neither in `stores` nor in `channels`; list it there too, or remove it from `elsewhere`",
        ]
    );
}
