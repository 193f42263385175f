//! Tests of types that implement `schemars::JsonSchema` but not `Shape`.

use castore::describe::StoreDescription;
use castore::inspect::Inspect;
use castore::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A type of another crate that has a schema.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Ball {
    /// The name that players see.
    title: String,
    price: u8,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Box_ {
    inside: Vec<Box_>,
}

macro_rules! store {
    ($name:ident, $ball:ty) => {
        mod $name {
            use super::*;

            #[derive(Clone, Event)]
            pub(super) enum ShopEvent {
                Sold { ball: $ball, packed: Box_ },
            }

            #[derive(Clone, Serialize, Deserialize)]
            #[event_store(id = "SHOPS", event = ShopEvent)]
            pub(super) struct Shop {
                ball: $ball,
            }

            impl Reducer for Shop {
                fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
                    Err(event.unexpected())
                }
            }

            wiring! {
                pub(super) struct Program;
                stores: [Shop],
                elsewhere: [Shop],
            }
        }
    };
}

store!(shop, Ball);

#[test]
fn lock_does_not_depend_on_schemas() {
    // Any crate of the program can enable the feature `schemars`, so the lock must not depend on it.
    assert_eq!(
        StoreDescription::of::<shop::Shop>().events[0].payload.fields().unwrap()[0].ty.to_string(),
        "Ball (opaque)"
    );
}

#[test]
fn documents_contain_the_schema() {
    let document = shop::Program::json_schema();
    let price = document.pointer("/$defs/event.SHOPS.Sold/properties/payload/properties/ball/properties/price");
    let expected = json!({ "type": "integer", "format": "uint8", "minimum": 0, "maximum": 255 });
    assert_eq!(price, Some(&expected), "{document:#}");
    let reference = document.pointer("/$defs/Box_").unwrap_or_else(|| panic!("{document:#}"));
    assert_eq!(reference.pointer("/properties/inside/items/$ref"), Some(&json!("#/$defs/Box_")), "{document:#}");
}
