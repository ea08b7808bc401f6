//! JSON schemas of the wire types in the shape that poem-openapi's registry
//! wants.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value};

/// The prefix of references in an OpenAPI document.
const COMPONENTS: &str = "#/components/schemas/";

fn generator() -> SchemaGenerator {
    SchemaSettings::openapi3().into_generator()
}

/// How another schema refers to `T`.
pub(super) fn reference<T: JsonSchema>() -> MetaSchemaRef {
    convert(generator().subschema_for::<T>().as_value())
}

/// The schema of `T` where it stands.
pub(super) fn inline<T: JsonSchema>() -> MetaSchemaRef {
    convert(generator().into_root_schema_for::<T>().as_value())
}

/// Puts `T` and all that it is made of into the document.
pub(super) fn register<T: JsonSchema>(registry: &mut Registry) {
    let mut generator = generator();
    generator.subschema_for::<T>();
    for (name, schema) in generator.take_definitions(true) {
        let MetaSchemaRef::Inline(schema) = convert(&schema) else {
            continue;
        };
        let name = leak(&name);
        registry.schemas.insert(
            name.to_owned(),
            MetaSchema {
                rust_typename: Some(name),
                ..*schema
            },
        );
    }
}

/// The registry holds `&'static str`s only. What is leaked is a few kilobytes,
/// once at start.
fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn convert(schema: &Value) -> MetaSchemaRef {
    let Some(object) = schema.as_object() else {
        return MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
    };
    if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
        let name = reference.strip_prefix(COMPONENTS).unwrap_or(reference);
        return MetaSchemaRef::Reference(name.to_owned());
    }
    MetaSchemaRef::Inline(Box::new(convert_object(object)))
}

fn convert_object(object: &Map<String, Value>) -> MetaSchema {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let list = |key: &str| object.get(key).and_then(Value::as_array);
    let schemas = |key: &str| {
        list(key)
            .map(|all| all.iter().map(convert).collect())
            .unwrap_or_default()
    };
    let mut schema = MetaSchema {
        ty: text("type").map_or("", leak),
        format: text("format").map(leak),
        description: text("description").map(leak),
        default: object.get("default").filter(|d| !d.is_null()).cloned(),
        required: list("required")
            .map(|names| names.iter().filter_map(Value::as_str).map(leak).collect())
            .unwrap_or_default(),
        properties: object
            .get("properties")
            .and_then(Value::as_object)
            .map(|all| all.iter().map(|(k, v)| (leak(k), convert(v))).collect())
            .unwrap_or_default(),
        items: object.get("items").map(|items| Box::new(convert(items))),
        additional_properties: object
            .get("additionalProperties")
            .filter(|value| value.is_object())
            .map(|value| Box::new(convert(value))),
        enum_items: list("enum").cloned().unwrap_or_default(),
        nullable: object.get("nullable") == Some(&Value::Bool(true)),
        any_of: schemas("anyOf"),
        one_of: schemas("oneOf"),
        all_of: schemas("allOf"),
        minimum: object.get("minimum").and_then(Value::as_f64),
        maximum: object.get("maximum").and_then(Value::as_f64),
        ..MetaSchema::ANY
    };
    // A documented enum comes as one schema a variant; one list says the same.
    if !schema.one_of.is_empty() {
        let words: Option<Vec<Value>> = list("oneOf").and_then(|variants| {
            variants
                .iter()
                .map(|variant| {
                    variant
                        .get("const")
                        .cloned()
                        .or_else(|| variant.get("enum")?.as_array()?.first().cloned())
                })
                .collect()
        });
        if let Some(words) = words {
            schema.one_of.clear();
            schema.ty = "string";
            schema.enum_items = words;
        }
    }
    schema
}
