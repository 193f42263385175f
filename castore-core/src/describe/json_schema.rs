//! Shapes of types that implement `JsonSchema` of the crate schemars, but not [`Shape`].

use std::marker::PhantomData;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{JsonShape, Lazy};

/// A helper that looks up the JSON Schema of a concrete type at compile time, like [`Probe`](super::Probe).
#[doc(hidden)]
pub struct SchemaProbe<T: ?Sized>(PhantomData<T>);

impl<T: JsonSchema + ?Sized> SchemaProbe<T> {
    pub const SHAPE: Option<Lazy> = Some(schema_of::<T>);
}

#[doc(hidden)]
pub trait WithoutSchema {
    const SHAPE: Option<Lazy> = None;
}

impl<T: ?Sized> WithoutSchema for SchemaProbe<T> {}

impl<T: ?Sized> std::fmt::Debug for SchemaProbe<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SchemaProbe")
    }
}

fn schema_of<T: JsonSchema + ?Sized>() -> JsonShape {
    // Definitions would need a place in the document into which the schema is copied, so nested schemas are inlined.
    // Only recursive types still have definitions.
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut schema = generator.subschema_for::<T>().to_value();
    let definitions = generator.take_definitions(true);
    if let (Value::Object(schema), false) = (&mut schema, definitions.is_empty()) {
        schema.insert("$defs".to_owned(), definitions.into());
    }
    without_documentation(&mut schema);
    JsonShape::Schema { name: T::schema_name().into_owned(), schema }
}

/// Removes titles, descriptions and examples from a schema, so that a changed comment in the source does not change the
/// generated documents.
fn without_documentation(schema: &mut Value) {
    match schema {
        Value::Object(parts) => {
            for key in ["title", "description", "examples", "$schema"] {
                parts.remove(key);
            }
            for (key, part) in parts {
                match (key.as_str(), part) {
                    // The keys of these objects are names of fields and of types.
                    ("properties" | "patternProperties" | "$defs", Value::Object(named)) => {
                        named.values_mut().for_each(without_documentation);
                    }
                    // These keys contain values of the described type, and not schemas.
                    ("const" | "default" | "enum", _) => {}
                    (_, part) => without_documentation(part),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(without_documentation),
        _ => {}
    }
}
