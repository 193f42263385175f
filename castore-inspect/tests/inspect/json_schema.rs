//! Types that implement `schemars::JsonSchema` and not `Shape`.

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

/// The same JSON, with another comment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Ball")]
struct BallWithAnotherComment {
    /// The name.
    title: String,
    price: u8,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Ball")]
struct BallWithAnotherPrice {
    title: String,
    price: Option<u8>,
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
store!(another_comment, BallWithAnotherComment);
store!(another_price, BallWithAnotherPrice);

fn ball_of<S: EventSourced>() -> String {
    StoreDescription::of::<S>().events[0].payload.fields().unwrap()[0].ty.to_string()
}

#[test]
fn a_type_with_a_schema_is_not_opaque() {
    let text = ball_of::<shop::Shop>();
    assert!(text.starts_with("Ball (schema "), "{text}");
    assert_eq!(text, ball_of::<another_comment::Shop>());
    assert_ne!(text, ball_of::<another_price::Shop>());
}

#[test]
fn a_changed_schema_invalidates_snapshots() {
    let shape = |described: &StoreDescription| described.state.fields().unwrap()[0].ty.to_string();
    let [first, same, other] = [
        StoreDescription::of::<shop::Shop>(),
        StoreDescription::of::<another_comment::Shop>(),
        StoreDescription::of::<another_price::Shop>(),
    ];
    assert_eq!(shape(&first), shape(&same));
    assert_ne!(shape(&first), shape(&other));
}

#[test]
fn documents_contain_the_schema() {
    let document = shop::Program::json_schema();
    let text = document.to_string();
    assert!(text.contains(&json!({"type": "integer", "format": "uint8", "minimum": 0, "maximum": 255}).to_string()));
    let reference = document.pointer("/$defs/Box_").unwrap_or_else(|| panic!("{document:#}"));
    assert_eq!(reference.pointer("/properties/inside/items/$ref"), Some(&json!("#/$defs/Box_")), "{document:#}");
}
