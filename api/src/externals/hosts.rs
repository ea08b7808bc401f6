//! Which hosts may be asked.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use anyhow::{Context, ensure};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Those that admins have named, as addresses without a path.
pub(super) struct Hosts(Vec<Url>);

impl Hosts {
    /// Reads them.
    ///
    /// # Errors
    /// What is no host, or one at a private address that is not allowed.
    pub(super) fn read(text: &str, private_allowed: bool) -> anyhow::Result<Self> {
        let names = text.split(',').map(str::trim);
        let host = |name: &str| {
            let address = if name.starts_with("http://") || name.starts_with("https://") {
                name.to_owned()
            } else {
                format!("https://{name}")
            };
            let url = Url::parse(&address).ok().filter(|url| {
                url.path() == "/"
                    && url.query().is_none()
                    && url.fragment().is_none()
                    && url.username().is_empty()
                    && url.password().is_none()
            });
            let url = url.with_context(|| {
                "CHECKED_HOSTS is a list of hosts with commas between them, such as \
                 registry-1.docker.io,auth.docker.io,http://registry.local:5000"
            })?;
            let ip = url.host_str().unwrap_or_default();
            let ip: Option<IpAddr> = ip.trim_matches(['[', ']']).parse().ok();
            ensure!(
                private_allowed || ip.is_none_or(is_public),
                "CHECKED_HOSTS names a private address: set CHECKED_HOSTS_MAY_BE_PRIVATE to allow it"
            );
            anyhow::Ok(url)
        };
        let hosts: Result<_, _> = names.filter(|name| !name.is_empty()).map(host).collect();
        Ok(Self(hosts?))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any speaks HTTPS.
    pub(super) fn want_certificates(&self) -> bool {
        self.0.iter().any(|host| host.scheme() == "https")
    }

    /// Whether this may be asked for.
    pub(super) fn allow(&self, url: &Url) -> bool {
        self.0.iter().any(|host| host.origin() == url.origin())
    }

    /// The address of a host by its name, with its port if that is not the usual one.
    pub(super) fn url_of(&self, name: &str) -> Option<Url> {
        let url = ["https", "http"]
            .iter()
            .filter_map(|scheme| Url::parse(&format!("{scheme}://{name}/")).ok());
        url.into_iter().find(|url| self.allow(url))
    }
}

/// Names lead nowhere that is not public, unless that is allowed.
pub(super) struct Guard {
    pub(super) private_allowed: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let private_allowed = self.private_allowed;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| private_allowed || is_public(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err("the name leads to private addresses alone".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one that anybody in the world may mean by it.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                // Between a provider and its customers, and for benchmarks and protocols.
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
                || (a == 192 && b == 0 && c == 0))
        }
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// Only what is given out to the world (2000::/3), and of that nothing which stands for an
/// address of IPv4: 6to4, Teredo; nor documentation.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    (first & 0xe000) == 0x2000
        && first != 0x2002
        && !(first == 0x2001 && (second == 0 || second == 0xdb8))
        && !(first == 0x3fff && second < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_public_is_public() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1",
            "2001:4860::8888",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn hosts_are_named_exactly() {
        let hosts = Hosts::read(
            "registry-1.docker.io, http://r.local:5000,https://x.org",
            false,
        )
        .unwrap();
        let allows = |url: &str| hosts.allow(&Url::parse(url).unwrap());
        assert!(allows("https://registry-1.docker.io/v2/x"));
        assert!(allows("http://r.local:5000/v2/"));
        for other in [
            "http://registry-1.docker.io/",
            "https://registry-1.docker.io:444/",
            "https://r.local:5000/",
            "https://registry-1.docker.io.evil.org/",
            "https://registry-1.docker.io@evil.org/",
            "ftp://x.org/",
            "file:///etc/passwd",
        ] {
            assert!(!allows(other), "{other}");
        }
        assert_eq!(
            hosts.url_of("r.local:5000").unwrap().as_str(),
            "http://r.local:5000/"
        );
        assert_eq!(hosts.url_of("x.org").unwrap().as_str(), "https://x.org/");
        assert_eq!(hosts.url_of("evil.org"), None);
        for wrong in ["https://x.org/path", "a b", "https://user@x.org", "x.org?y"] {
            assert!(Hosts::read(wrong, false).is_err(), "{wrong}");
        }
        for private in [
            "10.0.0.1",
            "http://127.0.0.1:5000",
            "https://[::1]",
            "http://2130706433",
        ] {
            assert!(Hosts::read(private, false).is_err(), "{private}");
            assert!(Hosts::read(private, true).is_ok(), "{private}");
        }
        assert!(Hosts::read(" , ", false).unwrap().is_empty());
    }

    #[tokio::test]
    async fn names_that_lead_inside_are_not_resolved() {
        let resolve =
            |private_allowed| Guard { private_allowed }.resolve("localhost".parse().unwrap());
        assert!(resolve(false).await.is_err());
        assert!(resolve(true).await.unwrap().count() > 0);
    }
}
