//! One slash at the end of an address means nothing, as in the first marketplace.

use poem::http::Uri;
use poem::http::uri::PathAndQuery;

/// The address without the slash at its end; `None` when there is none, or when it is
/// more than that: `/` alone, a second slash before it (an empty part), or `%2F`, which
/// is a part of an id.
pub(super) fn without(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_suffix('/')?;
    if path.is_empty() || path.ends_with('/') {
        return None;
    }
    let short = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(short).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_goes_and_nothing_else() {
        for (address, expected) in [
            ("/items/", Some("/items")),
            ("/items/?tag=a/", Some("/items?tag=a/")),
            ("http://h:1/items/x/", Some("http://h:1/items/x")),
            ("/items/a%2Fb/", Some("/items/a%2Fb")),
            ("/", None),
            ("/?a=/", None),
            ("//", None),
            ("/items", None),
            ("/items//", None),
            ("/items/a%2F", None),
            ("*", None),
        ] {
            let short = without(&address.parse().unwrap()).map(|uri| uri.to_string());
            assert_eq!(short.as_deref(), expected, "{address}");
        }
    }
}
