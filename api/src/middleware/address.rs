//! Addresses that are written a little differently and mean what they mean without
//! that: in front of them `/api`, which is in the default address of the API in
//! OpenPAI v1.4 and v1.5 (docs/contract.md#5-deployment), and at their end one slash, as in the
//! first marketplace.

use poem::http::Uri;
use poem::http::uri::PathAndQuery;

/// What OpenPAI v1.4 and v1.5 put in front of every path.
const PREFIX: &str = "/api";

/// The address without these; `None` when there is nothing to leave out, or when the
/// slash is more than that: `/` alone, a second slash before it (an empty part), or
/// `%2F`, which is a part of an id.
pub(super) fn plain(uri: &Uri) -> Option<Uri> {
    let whole = uri.path();
    let path = whole
        .strip_prefix(PREFIX)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
        .unwrap_or(whole);
    let path = match path.strip_suffix('/') {
        Some(short) if !short.is_empty() && !short.ends_with('/') => short,
        _ if path.is_empty() => "/",
        _ => path,
    };
    if path == whole {
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
    fn one_slash_and_the_prefix_go_and_nothing_else() {
        for (address, expected) in [
            ("/items/", Some("/items")),
            ("/items/?tag=a/", Some("/items?tag=a/")),
            ("http://h:1/items/x/", Some("http://h:1/items/x")),
            ("/items/a%2Fb/", Some("/items/a%2Fb")),
            ("/api/items", Some("/items")),
            ("/api/items/?tag=a/", Some("/items?tag=a/")),
            ("http://h:1/api/items/x/", Some("http://h:1/items/x")),
            ("/api", Some("/")),
            ("/api?a=b", Some("/?a=b")),
            ("/api/", Some("/")),
            ("/api/api", Some("/api")),
            ("/api//items", Some("//items")),
            ("/", None),
            ("/?a=/", None),
            ("//", None),
            ("/items", None),
            ("/items//", None),
            ("/items/a%2F", None),
            ("/items/api", None),
            ("/apis", None),
            ("/%61pi/items", None),
            ("*", None),
        ] {
            let short = plain(&address.parse().unwrap()).map(|uri| uri.to_string());
            assert_eq!(short.as_deref(), expected, "{address}");
        }
    }
}
