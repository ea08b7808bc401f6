//! The parameters of an address as one struct.
//!
//! poem-openapi knows one parameter an argument. A struct of them is an argument too,
//! whose schema has a property for each; [`Documented`] makes these the parameters that
//! the document shows.

use std::collections::{BTreeMap, HashMap};

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaApi, MetaOperationParam, MetaParamIn, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, OpenApi};
use schemars::JsonSchema;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::schema;
use crate::problem;

/// All parameters of a request's query that `T` has a field for: `Option<String>` for
/// the first one of its name, `Vec<String>` for all. What they mean is `T`'s to say.
pub struct QueryParams<T>(pub T);

impl<'a, T: DeserializeOwned + JsonSchema + Send> ApiExtractor<'a> for QueryParams<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(schema::inline::<T>())
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let pairs: Vec<(String, String)> = request.params().unwrap_or_default();
        read(pairs)
            .map(Self)
            .map_err(|error| problem::bad_request(format!("The query is wrong: {error}.")).into())
    }
}

fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Error> {
    let mut all: BTreeMap<String, Values> = BTreeMap::new();
    for (name, value) in pairs {
        all.entry(name).or_default().0.push(value);
    }
    T::deserialize(MapDeserializer::new(all.into_iter()))
}

/// The values of one parameter.
#[derive(Default)]
struct Values(Vec<String>);

impl IntoDeserializer<'_, Error> for Values {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Values {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0.into_iter().next().unwrap_or_default())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.into_iter()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Routes whose structs of parameters are documented as parameters.
pub struct Documented<A>(pub A);

impl<A: OpenApi> OpenApi for Documented<A> {
    fn meta() -> Vec<MetaApi> {
        let mut meta = A::meta();
        let paths = meta.iter_mut().flat_map(|api| &mut api.paths);
        for operation in paths.flat_map(|path| &mut path.operations) {
            let params = std::mem::take(&mut operation.params);
            operation.params = params.into_iter().flat_map(spread).collect();
        }
        meta
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(table);
    }
}

fn spread(param: MetaOperationParam) -> Vec<MetaOperationParam> {
    match param.schema {
        MetaSchemaRef::Inline(schema) if !schema.properties.is_empty() => {
            let properties = schema.properties.into_iter();
            properties
                .map(|(name, schema)| property(name, schema))
                .collect()
        }
        _ => vec![param],
    }
}

fn property(name: &str, schema: MetaSchemaRef) -> MetaOperationParam {
    let mut description = None;
    let schema = match schema {
        MetaSchemaRef::Inline(mut schema) => {
            description = schema.description.take().map(str::to_owned);
            // Text that may be missing: a query has no null.
            schema.nullable = false;
            schema.default = None;
            MetaSchemaRef::Inline(schema)
        }
        reference @ MetaSchemaRef::Reference(_) => reference,
    };
    MetaOperationParam {
        name: name.to_owned(),
        schema,
        in_type: MetaParamIn::Query,
        description,
        required: false,
        deprecated: false,
        explode: true,
        style: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Params {
        one: Option<String>,
        many: Vec<String>,
    }

    fn params(query: &[(&str, &str)]) -> Params {
        let pairs = query.iter();
        let pairs = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(pairs.collect()).unwrap()
    }

    #[test]
    fn a_field_takes_one_value_or_all() {
        assert_eq!(params(&[]), Params::default());
        let query = [
            ("many", "a"),
            ("one", ""),
            ("other", "x"),
            ("many", ""),
            ("one", "b"),
        ];
        let expected = Params {
            one: Some(String::new()),
            many: vec!["a".to_owned(), String::new()],
        };
        assert_eq!(params(&query), expected);
    }
}
