//! Addresses of images, and how registries want to be asked
//! (<https://github.com/opencontainers/distribution-spec>).

use reqwest::Url;

/// The registry of images that name none.
const DEFAULT: &str = "registry-1.docker.io";

/// An image, as its address tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image {
    /// The registry, with its port if that is not the usual one.
    pub(super) host: String,
    name: String,
    /// A tag, or a digest.
    reference: String,
}

impl Image {
    /// Reads `[HOST/]NAME[:TAG][@DIGEST]` as Docker does: nothing if it is none.
    pub(super) fn read(address: &str) -> Option<Self> {
        let (rest, digest) = match address.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (address, None),
        };
        let (host, rest) = match rest.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (Some(first), rest)
            }
            _ => (None, rest),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) => (name, Some(tag)),
            None => (rest, None),
        };
        let (host, name) = match host {
            None | Some("docker.io" | "index.docker.io") if !name.contains('/') => {
                (DEFAULT, format!("library/{name}"))
            }
            None | Some("docker.io" | "index.docker.io") => (DEFAULT, name.to_owned()),
            Some(host) => (host, name.to_owned()),
        };
        let reference = digest.or(tag).unwrap_or("latest");
        let is_name = |part: &str| {
            let is_letter =
                |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"._-".contains(&c);
            !part.is_empty() && part.bytes().all(is_letter) && !matches!(part, "." | "..")
        };
        let is_tag = |tag: &str| {
            let is_letter = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
            (1..=128).contains(&tag.len())
                && tag.bytes().all(is_letter)
                && !tag.starts_with(['.', '-'])
        };
        let is_right = name.split('/').all(is_name)
            && match digest {
                Some(digest) => is_digest(digest),
                None => is_tag(reference),
            };
        is_right.then(|| Self {
            host: host.to_ascii_lowercase(),
            name,
            reference: reference.to_owned(),
        })
    }

    /// Where its manifest is, on its registry.
    pub(super) fn manifest(&self, registry: &Url) -> Option<Url> {
        registry
            .join(&format!("v2/{}/manifests/{}", self.name, self.reference))
            .ok()
    }
}

/// Whether this is a digest of SHA-256.
pub(super) fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

/// Where a registry says that a token is to be had (RFC 6750, section 3).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    realm: String,
    service: Option<String>,
    scope: Option<String>,
}

impl Challenge {
    /// Reads `Bearer realm="…",service="…",scope="…"`.
    pub(super) fn read(header: &str) -> Option<Self> {
        let (scheme, mut rest) = header.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service, mut scope) = (None, None, None);
        while let Some((name, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"')?;
            match name.trim_matches([' ', ',']).to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value.to_owned()),
                "service" => service = Some(value.to_owned()),
                "scope" => scope = Some(value.to_owned()),
                _ => {}
            }
            rest = after;
        }
        Some(Self {
            realm: realm?,
            service,
            scope,
        })
    }

    /// The address to ask.
    pub(super) fn url(&self) -> Option<Url> {
        let mut url = Url::parse(&self.realm).ok()?;
        {
            let mut query = url.query_pairs_mut();
            for (name, value) in [("service", &self.service), ("scope", &self.scope)] {
                if let Some(value) = value {
                    query.append_pair(name, value);
                }
            }
        }
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_images_are_read_as_docker_does() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let pinned = format!("ghcr.io/a/b:1@{digest}");
        for (address, host, name, reference) in [
            ("ubuntu", DEFAULT, "library/ubuntu", "latest"),
            ("ubuntu:22.04", DEFAULT, "library/ubuntu", "22.04"),
            ("docker.io/ubuntu:22.04", DEFAULT, "library/ubuntu", "22.04"),
            (
                "pytorch/pytorch:2.3.1-cuda12.1",
                DEFAULT,
                "pytorch/pytorch",
                "2.3.1-cuda12.1",
            ),
            (
                "nvcr.io/nvidia/pytorch:24.01-py3",
                "nvcr.io",
                "nvidia/pytorch",
                "24.01-py3",
            ),
            (
                "registry.local:5000/a",
                "registry.local:5000",
                "a",
                "latest",
            ),
            ("localhost/a:b", "localhost", "a", "b"),
            (pinned.as_str(), "ghcr.io", "a/b", digest.as_str()),
        ] {
            let image = Image::read(address).unwrap();
            assert_eq!(
                (&*image.host, &*image.name, &*image.reference),
                (host, name, reference)
            );
        }
        for wrong in [
            "",
            "a b",
            "Upper/case",
            "a/../b",
            "a:b c",
            "a@sha256:12",
            "<% $x %>",
            "a//b",
            "x?y=z",
            "a:%2e",
        ] {
            assert_eq!(Image::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_challenge_leads_to_a_token() {
        let header = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\", \
                      scope=\"repository:library/ubuntu:pull\"";
        let url = Challenge::read(header).unwrap().url().unwrap();
        assert_eq!(
            url.as_str(),
            "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fubuntu%3Apull"
        );
        for wrong in [
            "",
            "Basic realm=\"x\"",
            "Bearer",
            "Bearer service=\"x\"",
            "Bearer realm=\"x",
        ] {
            assert_eq!(Challenge::read(wrong), None, "{wrong}");
        }
    }
}
