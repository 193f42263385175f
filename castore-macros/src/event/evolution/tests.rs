use crate::testing::assert_expansion;
use quote::quote;

#[test]
fn evolution() {
    let expansion = crate::event::derive(quote! {
        #[event(rename_all = "SCREAMING_SNAKE_CASE", from("CAUGHT_OR_STOLEN" = CaughtOrStolen))]
        pub enum PokemonEvent {
            #[event(type = "APPEARED_V3", from("APPEARED" = AppearedV1 => AppearedV2, "APPEARED_V2" = AppearedV2))]
            Appeared { name: String },
            #[event(type = "CAUGHT_BY_TRAINER", from("CAUGHT"))]
            Caught(Caught),
            #[event(from("TRAINED" = Trained))]
            Leveled(Leveled),
            Dropped(Retired<Dropped>),
            #[event(other)]
            Unknown(UnknownEvent),
        }
    });
    assert_expansion("event_evolution", &expansion);
}
