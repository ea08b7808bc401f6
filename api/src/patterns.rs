//! Routes as people know them: `/items/{id}`, where the router says
//! `/items/:param0`.

use std::collections::HashMap;
use std::sync::Arc;

use poem::PathPattern;
use serde_json::Value;

/// The name of what no route matches.
pub const NO_ROUTE: &str = "(none)";

/// The documented pattern of every route; cheap to clone.
#[derive(Clone)]
pub struct Patterns(Arc<HashMap<String, String>>);

impl Patterns {
    /// Reads the paths of an OpenAPI document.
    pub fn of(document: &str) -> Self {
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let paths = document["paths"].as_object().into_iter().flatten();
        Self(Arc::new(
            paths
                .map(|(path, _)| (as_routed(path), path.clone()))
                .collect(),
        ))
    }

    /// The route that the router matched. This has as many values as there are
    /// routes, whatever clients ask for.
    pub fn name<'a>(&'a self, matched: Option<&'a PathPattern>) -> &'a str {
        match matched {
            None => NO_ROUTE,
            Some(pattern) if pattern.0.is_empty() => NO_ROUTE,
            Some(pattern) => self.0.get(&*pattern.0).map_or(&*pattern.0, String::as_str),
        }
    }
}

/// poem-openapi numbers the parameters of a path.
fn as_routed(path: &str) -> String {
    let mut number = 0;
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') {
            number += 1;
            format!(":param{}", number - 1)
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("/")
}
