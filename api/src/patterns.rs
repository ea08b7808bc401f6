//! Routes as people know them: `/items/{id}`, where the router says
//! `/items/:param0`.

use std::collections::HashMap;
use std::sync::Arc;

use poem::PathPattern;
use serde_json::Value;

/// The name of what no route matches.
pub const NO_ROUTE: &str = "(none)";

/// The documented routes; cheap to clone.
#[derive(Clone)]
pub struct Patterns(Arc<HashMap<String, Documented>>);

struct Documented {
    pattern: String,
    methods: String,
}

impl Patterns {
    /// Reads the paths of an OpenAPI document.
    pub fn of(document: &str) -> Self {
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let paths = document["paths"].as_object().into_iter().flatten();
        let routes = paths.map(|(path, operations)| {
            let methods = operations.as_object().into_iter().flatten();
            let methods = methods.map(|(method, _)| match method.as_str() {
                // poem answers HEAD wherever it answers GET.
                "get" => "GET, HEAD".to_owned(),
                other => other.to_uppercase(),
            });
            let documented = Documented {
                pattern: path.clone(),
                methods: methods
                    .chain(["OPTIONS".into()])
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            (as_routed(path), documented)
        });
        Self(Arc::new(routes.collect()))
    }

    /// The name of the route that the router matched. There are as many as
    /// there are routes, whatever clients ask for.
    pub fn name<'a>(&'a self, matched: Option<&'a PathPattern>) -> &'a str {
        match matched {
            Some(pattern) if !pattern.0.is_empty() => self
                .0
                .get(&*pattern.0)
                .map_or(&*pattern.0, |documented| &documented.pattern),
            _ => NO_ROUTE,
        }
    }

    /// The methods of a route, as the header `Allow` lists them. A page that
    /// is not documented can only be read.
    pub fn methods(&self, matched: Option<&PathPattern>) -> &str {
        matched
            .and_then(|pattern| self.0.get(&*pattern.0))
            .map_or("GET, HEAD, OPTIONS", |documented| &documented.methods)
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
