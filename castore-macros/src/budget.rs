//! A limit for the amount of code that one event store, its events and one channel generate together.

use crate::testing::{attribute_and_item, pretty};
use proc_macro2::TokenStream;
use quote::quote;

fn lines(tokens: &TokenStream) -> usize {
    pretty(tokens).lines().count()
}

/// The limit does not include the code that the derives of std and serde generate.
#[test]
fn a_store_with_two_events_and_a_channel_generate_at_most_330_lines() {
    let event = crate::event::derive(quote! {
        #[event(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum PokemonEvent {
            Appeared { name: String, level: u32 },
            LeveledUp,
        }
    });
    let (attr, item) = attribute_and_item(
        r#"
        #[event_store(id = "POKEMONS", event = PokemonEvent)]
        pub struct Pokemon { pub name: String, pub level: u32 }
        "#,
    );
    let attribute = crate::event_store::event_store(attr.clone(), item.clone());
    let store = crate::event_store::derive(quote!(#[__event_store(#attr)] #item));
    let channel = crate::message_channel::message_channel(quote! {
        /// Everything that happens in the game.
        pub type AppBus = NotificationMessageBus<Pokemon>;
    });
    let total: usize = [&event, &attribute, &store, &channel].map(lines).iter().sum();
    assert!(total <= 330, "{total} lines");
}
