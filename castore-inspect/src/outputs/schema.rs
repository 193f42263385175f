//! JSON Schemas of types. The schemas of named types are definitions, so that recursive types are possible.

use std::collections::BTreeMap;

use castore_core::describe::{Content, Field, JsonShape, Tagging, TypeName, TypeRef, Variant};
use serde_json::{Map, Value, json};

/// A dialect of JSON Schema: its version, and the location of definitions.
#[derive(Clone, Copy)]
pub(super) enum Dialect {
    /// JSON Schema, version 2020-12.
    JsonSchema,
    /// The schemas of AsyncAPI, which extend draft-07.
    AsyncApi,
}

/// The definitions of a document.
pub(super) struct Schemas {
    dialect: Dialect,
    definitions: BTreeMap<String, Value>,
    /// The name of each type's definition, by the path of the type.
    names: BTreeMap<&'static str, String>,
}

impl Schemas {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, definitions: BTreeMap::new(), names: BTreeMap::new() }
    }

    pub(super) fn into_definitions(self) -> Map<String, Value> {
        self.definitions.into_iter().collect()
    }

    /// Adds a definition, and returns a reference to it.
    pub(super) fn define(&mut self, name: String, schema: Value) -> Value {
        let reference = self.reference(&name);
        self.definitions.insert(name, schema);
        reference
    }

    fn reference(&self, name: &str) -> Value {
        let prefix = match self.dialect {
            Dialect::JsonSchema => "#/$defs/",
            Dialect::AsyncApi => "#/components/schemas/",
        };
        json!({ "$ref": format!("{prefix}{name}") })
    }

    pub(super) fn of_type(&mut self, ty: &TypeRef) -> Value {
        match ty.shape() {
            Some(shape) => self.of_shape(&shape),
            None => json!({ "description": format!("The Rust type `{}`, whose shape is not known.", ty.text()) }),
        }
    }

    fn of_shape(&mut self, shape: &JsonShape) -> Value {
        match shape {
            JsonShape::Scalar { name, json_type } => scalar(name, json_type),
            JsonShape::Optional(inner) => json!({ "anyOf": [self.of_type(inner), { "type": "null" }] }),
            JsonShape::List(inner) => json!({ "type": "array", "items": self.of_type(inner) }),
            JsonShape::Map(inner) => json!({ "type": "object", "additionalProperties": self.of_type(inner) }),
            JsonShape::Tuple(types) => self.tuple(types),
            JsonShape::Struct(name, fields) => self.named(*name, |schemas| schemas.object(fields)),
            JsonShape::Enum(name, tagging, variants) => self.named(*name, |schemas| {
                let variants: Vec<Value> = variants.iter().map(|variant| schemas.variant(*tagging, variant)).collect();
                json!({ "oneOf": variants })
            }),
            JsonShape::Schema { schema, .. } => self.adopt(schema.clone()),
            _ => json!({}),
        }
    }

    /// Moves the definitions of a schema that another crate has generated into the definitions of the document. Schemas
    /// of recursive types have such definitions.
    fn adopt(&mut self, mut schema: Value) -> Value {
        let Some(Value::Object(definitions)) = schema.as_object_mut().and_then(|schema| schema.remove("$defs")) else {
            return schema;
        };
        let mut renamed = BTreeMap::new();
        for name in definitions.keys() {
            let taken = |own: &String| self.definitions.contains_key(own) || self.names.values().any(|it| it == own);
            let numbered = (2..).map(|number| format!("{name}.{number}"));
            let own = std::iter::once(name.clone()).chain(numbered).find(|own| !taken(own)).unwrap_or_default();
            renamed.insert(format!("#/$defs/{name}"), self.reference(&own)["$ref"].clone());
            self.definitions.insert(own, Value::Null);
        }
        for (name, mut definition) in definitions {
            rename_references(&mut definition, &renamed);
            if let Some(reference) = renamed.get(&format!("#/$defs/{name}")).and_then(Value::as_str) {
                let own = reference.rsplit('/').next().unwrap_or_default().to_owned();
                self.definitions.insert(own, definition);
            }
        }
        rename_references(&mut schema, &renamed);
        schema
    }

    /// Returns the schema of a payload or a state. Returns `None` if there is no content.
    pub(super) fn of_content(&mut self, content: &Content) -> Option<Value> {
        Some(match content {
            Content::Value(ty) => self.of_type(ty),
            Content::Tuple(types) => self.tuple(types),
            Content::Fields(fields) => self.object(fields),
            _ => return None,
        })
    }

    fn named(&mut self, name: TypeName, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if let Some(known) = self.names.get(name.path) {
            return self.reference(known);
        }
        // Types in different modules may have the same name. The definitions of the later ones get a number.
        let taken = self.names.values().filter(|taken| taken.split('.').next() == Some(name.name)).count();
        let own = if taken == 0 { name.name.to_owned() } else { format!("{}.{}", name.name, taken + 1) };
        self.names.insert(name.path, own.clone());
        let schema = make(self);
        self.define(own, schema)
    }

    fn tuple(&mut self, types: &[TypeRef]) -> Value {
        let items: Vec<Value> = types.iter().map(|ty| self.of_type(ty)).collect();
        let key = match self.dialect {
            Dialect::JsonSchema => "prefixItems",
            Dialect::AsyncApi => "items",
        };
        json!({ "type": "array", key: items, "minItems": types.len(), "maxItems": types.len() })
    }

    pub(super) fn object(&mut self, fields: &[Field]) -> Value {
        let (flattened, own): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.flattened);
        let properties: Map<String, Value> =
            own.iter().map(|field| (field.name.to_owned(), self.of_type(&field.ty))).collect();
        let required: Vec<&str> = own.iter().filter(|field| !field.optional).map(|field| field.name).collect();
        let mut object = json!({ "type": "object", "properties": properties, "required": required });
        if !flattened.is_empty() {
            object["allOf"] = flattened.iter().map(|field| self.of_type(&field.ty)).collect();
        }
        object
    }

    fn variant(&mut self, tagging: Tagging, variant: &Variant) -> Value {
        let name = variant.name;
        let content = self.of_content(&variant.content);
        let keyed =
            |key: &str, value: Value| json!({ "type": "object", "properties": { key: value }, "required": [key] });
        match (tagging, content) {
            (Tagging::External, None) => json!({ "const": name }),
            (Tagging::External, Some(content)) => keyed(name, content),
            (Tagging::Internal { tag }, None) => keyed(tag, json!({ "const": name })),
            (Tagging::Internal { tag }, Some(content)) => {
                json!({ "allOf": [keyed(tag, json!({ "const": name })), content] })
            }
            (Tagging::Adjacent { tag, .. }, None) => keyed(tag, json!({ "const": name })),
            (Tagging::Adjacent { tag, content: key }, Some(content)) => json!({
                "type": "object",
                "properties": { tag: { "const": name }, key: content },
                "required": [tag, key],
            }),
            (_, None) => json!({ "type": "null" }),
            (_, Some(content)) => content,
        }
    }
}

fn rename_references(schema: &mut Value, renamed: &BTreeMap<String, Value>) {
    match schema {
        Value::Object(parts) => {
            for (key, part) in parts {
                match part.as_str().and_then(|reference| renamed.get(reference)) {
                    Some(reference) if key == "$ref" => *part = reference.clone(),
                    _ => rename_references(part, renamed),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| rename_references(part, renamed)),
        _ => {}
    }
}

fn scalar(name: &str, json_type: &str) -> Value {
    match name {
        "Timestamp" => json!({ "type": json_type, "format": "date-time" }),
        _ if name.starts_with('u') && json_type == "integer" => json!({ "type": json_type, "minimum": 0 }),
        _ => json!({ "type": json_type }),
    }
}
