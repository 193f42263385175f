use crate::testing::{assert_documented_expansion, messages};
use quote::quote;

const TYPICAL: &str = r#"
#[derive(Serialize, Deserialize, Shape)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    pub home_town: String,
    #[serde(default, alias = "pokemons")]
    pub members: Vec<Member>,
    pub leader: Option<Member>,
}
"#;

#[test]
fn typical() {
    let mut input: syn::DeriveInput = syn::parse_str(TYPICAL).unwrap_or_else(|error| unreachable!("{error}"));
    input.attrs.retain(|attr| !attr.path().is_ident("derive"));
    assert_documented_expansion("shape", TYPICAL, &super::derive(quote!(#input)));
}

#[test]
fn rejects_generic_types_and_unions() {
    let of = |input| messages(&super::derive(input));
    assert_eq!(
        of(quote!(
            struct Page<T>(T);
        )),
        [
            "`Page` is generic, but `#[derive(Shape)]` describes only types without parameters; write a type without parameters, derive `schemars::JsonSchema` instead (feature `schemars`), or remove `Shape`, so that the type is described only by its name"
        ]
    );
    assert_eq!(
        of(quote!(union Bits { a: u8, b: i8 })),
        ["`Bits` is a union, which has no shape in JSON; write a struct or an enum"]
    );
}
