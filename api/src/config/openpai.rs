//! Where OpenPAI's REST server is.

use anyhow::{Context, ensure};
use reqwest::Url;

use super::{ApiOptions, given, names_somebody};

/// The port of the database in a cluster of OpenPAI (docs/contract.md#5-deployment); elsewhere it
/// is PostgreSQL's own.
const CLUSTER_DATABASE_PORT: u16 = 9291;

/// The port of OpenPAI's REST server on the same machine, the master.
const CLUSTER_REST_PORT: u16 = 9186;

/// Where OpenPAI's REST server is, which says who the callers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityProvider {
    /// Where IDP_URL says, without a trailing slash.
    Set(String),
    /// IDP_URL is missing, as in the templates of OpenPAI v1.4 and v1.5. They set
    /// DB_HOST to the master and DB_PORT to 9291, a port that nobody else gives to a
    /// database, and the REST server is on the master too. Whoever runs that machine
    /// has the catalogue and the database's password already; still no token goes
    /// there before something answers as OpenPAI does.
    Assumed(String),
    /// Nothing says where.
    Unknown,
}

impl ApiOptions {
    /// Where OpenPAI's REST server is.
    ///
    /// # Errors
    /// When IDP_URL is set and no http address.
    pub fn identity_provider(&self) -> anyhow::Result<IdentityProvider> {
        let url = self.idp_url.as_deref().unwrap_or_default().trim();
        if url.is_empty() {
            return Ok(self.on_the_master());
        }
        let parsed = Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        let parsed = parsed.context(
            "IDP_URL is no address: write one that begins with http:// or https://, such as http://10.0.0.1:9186",
        )?;
        ensure!(
            !names_somebody(&parsed),
            "IDP_URL has a user name or password in it. OpenPAI is asked with the callers' own tokens: leave \
             everything up to the `@` out"
        );
        ensure!(
            parsed.query().is_none() && parsed.fragment().is_none(),
            "IDP_URL has a `?` or `#` in it: write the address of OpenPAI's REST server alone, such as \
             http://10.0.0.1:9186"
        );
        Ok(IdentityProvider::Set(url.trim_end_matches('/').to_owned()))
    }

    fn on_the_master(&self) -> IdentityProvider {
        let database = &self.database;
        let is_the_clusters = given(database.database_url.as_deref()).is_none()
            && database.db_port == Some(CLUSTER_DATABASE_PORT);
        let host = given(database.db_host.as_deref())
            .filter(|host| is_the_clusters && !host.starts_with('/'));
        let address = host.map(|host| {
            let host = host.trim_matches(['[', ']']);
            // An address of IPv6 stands in brackets.
            if host.contains(':') {
                format!("http://[{host}]:{CLUSTER_REST_PORT}")
            } else {
                format!("http://{host}:{CLUSTER_REST_PORT}")
            }
        });
        match address.filter(|address| Url::parse(address).is_ok()) {
            Some(address) => IdentityProvider::Assumed(address),
            None => IdentityProvider::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(args: &[&str]) -> anyhow::Result<IdentityProvider> {
        #[derive(clap::Parser)]
        struct Cli {
            #[command(flatten)]
            api: ApiOptions,
        }
        let args = ["api"].iter().chain(args);
        <Cli as clap::Parser>::parse_from(args)
            .api
            .identity_provider()
    }

    #[test]
    fn the_address_is_what_is_set() {
        for url in [
            "http://10.0.0.1:9186",
            "https://h/rest-server/ ",
            " HTTP://h/",
        ] {
            let found = provider(&["--idp-url", url]).unwrap();
            let expected = url.trim().trim_end_matches('/').to_owned();
            assert_eq!(found, IdentityProvider::Set(expected));
        }
    }

    /// As the templates of OpenPAI v1.4 and v1.5 have it, and nothing else.
    #[test]
    fn without_one_it_is_on_the_master_of_a_cluster_and_nowhere_else() {
        for (args, expected) in [
            (
                &["--db-host=10.0.0.1", "--db-port=9291"][..],
                "http://10.0.0.1:9186",
            ),
            (
                &["--db-host= master ", "--db-port=9291"],
                "http://master:9186",
            ),
            (
                &["--db-host=fd00::1", "--db-port=9291"],
                "http://[fd00::1]:9186",
            ),
            (
                &["--db-host=[fd00::1]", "--db-port=9291", "--idp-url= "],
                "http://[fd00::1]:9186",
            ),
        ] {
            let expected = IdentityProvider::Assumed(expected.to_owned());
            assert_eq!(provider(args).unwrap(), expected, "{args:?}");
        }
        for args in [
            &[][..],
            &["--db-host=10.0.0.1"],
            &["--db-host=10.0.0.1", "--db-port=5432"],
            &["--db-port=9291"],
            &["--db-host=/var/run/postgresql", "--db-port=9291"],
            &["--db-host=a b", "--db-port=9291"],
            &[
                "--db-host=10.0.0.1",
                "--db-port=9291",
                "--database-url=postgres://u@h:9291/x",
            ],
        ] {
            assert_eq!(
                provider(args).unwrap(),
                IdentityProvider::Unknown,
                "{args:?}"
            );
        }
    }
}
