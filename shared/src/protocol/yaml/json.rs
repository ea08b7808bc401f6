use serde_json::Value as Json;

use super::{Node, Scalar, Value, date, scalar};

impl Node<'_> {
    /// The node as JSON, aliases expanded. What JSON lacks becomes text: a date
    /// as JavaScript would have it there, and `.inf` and `.nan` as commands get
    /// them (`Infinity`, `NaN`); the validator warns of both. The limits on a tree's depth and
    /// expanded size bound both the recursion and what comes out.
    pub fn to_json(self) -> Json {
        match &self.data().value {
            Value::Scalar(scalar, text) => match scalar {
                Scalar::Null => Json::Null,
                Scalar::Bool(truth) => Json::from(*truth),
                Scalar::Int(number) => Json::from(*number),
                Scalar::Float(number) if !number.is_finite() => {
                    Json::from(scalar::in_javascript(*scalar, text))
                }
                Scalar::Float(number) => Json::from(*number),
                Scalar::Date(time) => Json::from(date::in_json(*time)),
                Scalar::Text => Json::from(&**text),
            },
            Value::List(_) => self.items().map(Self::to_json).collect(),
            Value::Mapping(_) => {
                // Collecting would sort them first.
                let mut object = serde_json::Map::new();
                for (key, value) in self.entries() {
                    object.insert(key.to_owned(), value.to_json());
                }
                Json::Object(object)
            }
        }
    }
}
